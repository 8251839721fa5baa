// Frames and calls for the tests, whole and valid; a test overrides what it is about.

/** @param {Record<string, unknown>} [more] @returns {any} */
export function contact(more = {}) {
  return {
    id: "7",
    app: "freshdesk",
    name: "Anna Rossi",
    company: "Acme",
    page_url: "https://acme.example/contacts/7",
    certainty: "sure",
    reason: "Work number in Freshdesk",
    numbers: [],
    pages: [],
    ...more,
  };
}

/** One page of a person, as the service tells it. @param {string} id @param {string} app_title @param {Record<string, unknown>} [more] */
export function page(id, app_title, more = {}) {
  const app = app_title.toLowerCase();
  return { id, app, app_title, account: "main", page_url: `https://${app}.example/${id}`, ...more };
}

/** @param {Record<string, unknown>} [more] @returns {any} */
export function call(more = {}) {
  return {
    id: "pbx-1",
    account: "pbx",
    call_id: "1",
    direction: "inbound",
    state: "ringing",
    number: "+390212345678",
    withheld: false,
    display: "02 1234 5678",
    network_name: "",
    contact: contact(),
    candidates: [contact()],
    create: [],
    lookup: "done",
    queue: null,
    via: null,
    started_at: 1000,
    answered_at: null,
    ended_at: null,
    answered_by: [],
    answered_by_names: [],
    actions: [],
    ...more,
  };
}

/** @param {Record<string, unknown>} [more] @returns {any} */
export function agent(more = {}) {
  return {
    id: "a",
    login: "mia",
    name: "Mia",
    account: "pbx",
    extension: "201",
    open_page: "click",
    ...more,
  };
}

/** @param {any[]} [calls] @param {Record<string, unknown>} [more] @returns {any} */
export function welcome(calls = [], more = {}) {
  return { type: "welcome", agent: agent(), calls, opener: true, expires_at: 600_000, now: 0, ...more };
}
