/**
 * The look of a call's card.
 */
import { css } from "lit";

export const callStyles = css`
  :host {
    display: block;
    padding: var(--ld-s2) var(--ld-s3) var(--ld-s3);
    border: 1px solid var(--ld-line);
    border-inline-start: 4px solid var(--_state);
    border-radius: var(--ld-radius);
    background: var(--ld-bg);
    --_state: var(--ld-line-strong);
  }
  :host([state="ringing"]) {
    --_state: var(--ld-accent);
    border-color: var(--ld-accent);
  }
  :host([state="talking"]) {
    --_state: var(--ld-ok);
  }
  :host([state="held"]) {
    --_state: var(--ld-warn);
  }
  :host([state="missed"]) {
    --_state: var(--ld-danger);
  }
  .state {
    display: flex;
    align-items: center;
    gap: 6px;
    min-height: var(--ld-target);
    color: var(--_state);
    font-size: var(--ld-small);
    font-weight: 600;
  }
  :host([state="ended"]) .state,
  :host([state="answered-elsewhere"]) .state {
    color: var(--ld-text-soft);
  }
  .state .words {
    flex: 0 1 auto;
    min-width: 0;
  }
  .state button {
    margin-inline-start: auto;
    margin-inline-end: -8px;
  }
  .name {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
    overflow-wrap: anywhere;
    min-height: 30px;
    margin: 0;
    color: var(--ld-text);
    font-size: var(--ld-name);
    font-weight: 650;
    line-height: 30px;
    animation: fade var(--ld-motion);
  }
  .who.possible {
    margin-inline: -9px;
    padding: 2px 8px 4px;
    border: 1px dashed var(--ld-line-strong);
    border-radius: var(--ld-radius);
  }
  .who.possible .name {
    font-weight: 500;
  }
  .company {
    min-height: 21px;
  }
  .facts {
    min-height: 18px;
    overflow-wrap: anywhere;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: var(--ld-s2);
    margin-top: var(--ld-s2);
  }
  .actions > * {
    flex: 0 1 auto;
    min-width: 0;
    max-width: 100%;
  }
  .actions .primary {
    flex: 1 1 auto;
  }
  .actions .cut {
    min-width: 0;
  }
  .title {
    display: flex;
    align-items: center;
    gap: var(--ld-s1);
  }
  .title .name {
    flex: 0 1 auto;
  }
  :host([compact]) .name {
    font-size: var(--ld-large);
    line-height: 24px;
    min-height: 24px;
    -webkit-line-clamp: 1;
  }
  :host([compact]) {
    padding-block: 0 var(--ld-s2);
  }
  @keyframes fade {
    from {
      opacity: 0;
    }
  }
`;
