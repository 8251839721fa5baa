/**
 * The frame of the desk: one narrow column in a panel, two columns on a page that has the room.
 */
import { css } from "lit";

export const deskStyles = css`
  :host {
    position: relative;
    height: 100%;
    container-type: inline-size;
  }
  .desk {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    height: 100%;
  }
  header {
    display: flex;
    align-items: center;
    gap: var(--ld-s1);
    min-height: 48px;
    padding: 0 var(--ld-s1) 0 var(--ld-s3);
    border-bottom: 1px solid var(--ld-line);
  }
  header .who {
    flex: 1;
    min-width: 0;
    margin: 0;
    font-size: var(--ld-body);
    font-weight: 600;
  }
  header .link {
    display: inline-flex;
    gap: var(--ld-s1);
    align-items: center;
    color: var(--ld-warn);
    font-size: var(--ld-small);
  }
  main {
    display: flex;
    flex-direction: column;
    gap: var(--ld-s3);
    min-height: 0;
    padding: var(--ld-s3);
    overflow-y: auto;
    /* What the keyboard reaches is scrolled in with its focus ring. */
    scroll-padding-block: var(--ld-s2);
    overscroll-behavior: contain;
  }
  .calls {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--ld-s2);
  }
  .notice {
    display: grid;
    gap: var(--ld-s2);
    padding: var(--ld-s2) var(--ld-s3);
    border: 1px solid var(--ld-line);
    border-inline-start: 4px solid var(--ld-warn);
    border-radius: var(--ld-radius);
    background: var(--ld-warn-soft);
    overflow-wrap: anywhere;
  }
  .notice div {
    display: flex;
    flex-wrap: wrap;
    gap: var(--ld-s2);
  }
  .panel {
    padding-top: var(--ld-s2);
  }
  .settings-head {
    display: flex;
    align-items: center;
    justify-content: space-between;
  }
  .settings-head h2 {
    color: var(--ld-text);
    font-size: var(--ld-large);
  }
  .left,
  .right {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--ld-s3);
    min-width: 0;
  }
  .idle {
    display: none;
  }
  .settings-open ld-search {
    display: none;
  }
  @container (min-width: 760px) {
    header {
      padding: 0 max(var(--ld-s4), calc((100cqi - 1088px) / 2));
    }
    main {
      display: grid;
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      grid-template-rows: auto 1fr;
      align-items: start;
      gap: var(--ld-s4);
      width: 100%;
      max-width: 1120px;
      margin-inline: auto;
      padding: var(--ld-s4);
    }
    .idle {
      display: block;
      padding: var(--ld-s4) var(--ld-s3);
      border: 1px dashed var(--ld-line);
      border-radius: var(--ld-radius);
    }
    .settings-open ld-search {
      display: block;
    }
    .left {
      grid-column: 1;
    }
    .right {
      grid-column: 2;
    }
  }
`;
