/**
 * The shapes of docs/protocol.md as this side holds them, after `frames.js` has checked and cleaned them.
 * Only types: nothing runs here. Times are epoch milliseconds of the server's clock.
 *
 * @typedef {"ringing"|"talking"|"held"|"ended"|"answered-elsewhere"|"missed"} CallState
 * @typedef {"inbound"|"outbound"|"internal"} Direction
 * @typedef {"ring"|"answer"|"click"|"never"} OpenPage
 * @typedef {{e164: string, label: string, display: string}} DialNumber
 * @typedef {{app: string, label: string, url: string}} Create
 *
 * @typedef {object} Contact  someone who may be at the other end of a call
 * @property {string} id
 * @property {string} app
 * @property {string} name
 * @property {string} company
 * @property {string|null} page_url  checked: https:, or http: on this machine
 * @property {"sure"|"possible"} certainty
 * @property {string} reason
 * @property {DialNumber[]} numbers
 *
 * @typedef {object} Call
 * @property {string} id
 * @property {Direction} direction
 * @property {CallState} state
 * @property {string|null} number  E.164, internal digits, or null when withheld
 * @property {boolean} withheld
 * @property {string} display
 * @property {string} network_name
 * @property {Contact|null} contact
 * @property {Contact[]} candidates
 * @property {Create[]} create
 * @property {"done"|"pending"} lookup
 * @property {string|null} queue
 * @property {string|null} via
 * @property {number} started_at
 * @property {number|null} answered_at
 * @property {number|null} ended_at
 * @property {string[]} answered_by_names
 *
 * @typedef {object} Me
 * @property {string} id
 * @property {string} name
 * @property {string|null} account
 * @property {string|null} extension
 * @property {OpenPage} open_page
 *
 * @typedef {{type: "welcome", agent: Me, calls: Call[], opener: boolean, expires_at: number, now: number}} Welcome
 * @typedef {{type: "call", call: Call}} CallFrame
 * @typedef {{type: "opener", opener: boolean}} OpenerFrame
 * @typedef {{type: "me", agent: Me}} MeFrame
 * @typedef {{type: "error", code: string, message: string}} ErrorFrame
 * @typedef {Welcome|CallFrame|OpenerFrame|MeFrame|ErrorFrame} Frame
 *
 * @typedef {object} Item  a contact found by search
 * @property {string} id
 * @property {string} app
 * @property {string} name
 * @property {string} company
 * @property {string|null} page_url
 * @property {DialNumber[]} numbers
 *
 * @typedef {object} Row  one line of the agent's own history
 * @property {string} id
 * @property {Direction} direction
 * @property {CallState} state
 * @property {string} outcome
 * @property {string|null} number
 * @property {string} display
 * @property {string} name
 * @property {{name: string, company: string, page_url: string|null}|null} contact
 * @property {string|null} queue
 * @property {string[]} answered_by
 * @property {number} started_at
 * @property {number|null} answered_at
 * @property {number|null} ended_at
 *
 * @typedef {{extension: string, name: string}} Colleague
 */
export {};
