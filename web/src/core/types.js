/**
 * The shapes of docs/protocol.md as this side holds them, after `frames.js` has checked and cleaned them.
 * Only types: nothing runs here. Times are epoch milliseconds of the server's clock.
 *
 * @typedef {"ringing"|"talking"|"held"|"ended"|"answered-elsewhere"|"missed"} CallState
 * @typedef {"inbound"|"outbound"|"internal"} Direction
 * @typedef {"ring"|"answer"|"click"|"never"} OpenPage
 * @typedef {{e164: string, label: string, display: string}} DialNumber
 * @typedef {{app: string, label: string, url: string}} Create
 * @typedef {{id: string, name: string, url: string|null}} Page  a person's page in one app; name: the app's, as people know it
 * @typedef {{name: string, app: string, page_url: string|null}} Company  whom all who fit the number belong to
 *
 * @typedef {object} Item  a contact found by search
 * @property {string} id
 * @property {string} app
 * @property {string} name
 * @property {string} company
 * @property {"person"|"company"} type
 * @property {boolean} archived
 * @property {boolean} blocked
 * @property {string|null} page_url  the first page that has an address; checked: https:, or http: on this machine
 * @property {Page[]} pages  at least one; the first is the one that opens. Every one that has an address is open to a click
 * @property {DialNumber[]} numbers
 *
 * @typedef {{items: Item[], total: number, exact: boolean, more: boolean}} Found  exact: false when there are more than `total`
 *
 * @typedef {Item & {certainty: "sure"|"possible", reason: string}} Contact  someone who may be at the other end of a call
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
 * @property {boolean} picked  the contact is the one that this agent chose for the number
 * @property {Contact[]} candidates
 * @property {Company|null} company
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
 * @typedef {object} Row  one line of the agent's own history
 * @property {string} id
 * @property {Direction} direction
 * @property {CallState} state
 * @property {string} outcome
 * @property {string|null} number
 * @property {string} display
 * @property {string} name
 * @property {Item|null} contact
 * @property {string|null} queue
 * @property {string[]} answered_by
 * @property {number} started_at
 * @property {number|null} answered_at
 * @property {number|null} ended_at
 *
 * @typedef {{extension: string, name: string}} Colleague
 */
export {};
