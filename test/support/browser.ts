import { httpApiEvent } from "./events.ts";
import type { Answer } from "./service.ts";

/** A page's access to an API behind API Gateway, within the limits of its browser. */
export interface Page {
  /** @throws TypeError, as `fetch` does, if the browser keeps the response from the page. */
  fetch(request: PageRequest): Promise<PageResponse>;
}

export interface PageRequest {
  readonly key?: string;
  readonly body?: string;
  /** Sends cookies, as `credentials: "include"` does. */
  readonly withCredentials?: boolean;
}

export interface PageResponse {
  readonly status: number;
  readonly body: string;
  /** The headers that the page can see, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export type Api = (event: ReturnType<typeof httpApiEvent>) => Promise<Answer>;

/**
 * A page of one origin, judged by the rules of the Fetch standard: it asks before it sends a header
 * that is not simple, and reads only what the response allows its origin to read.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function openPage(origin: string, api: Api): Page {
  return {
    async fetch({ key, body = '{"amountMinor":2500}', withCredentials = false }) {
      const own = { ...(key !== undefined && { "Idempotency-Key": key }) };
      const names = ["content-type", ...Object.keys(own).map((name) => name.toLowerCase())];
      await preflight(names, withCredentials);
      const sent = httpApiEvent({ body, headers: { Origin: origin, ...own } });
      const { statusCode, headers, body: text = "" } = await api(sent);
      const received = lowerCased(headers);
      checkAllowed("response", received, withCredentials);
      return { status: statusCode, body: text, headers: exposed(received, withCredentials) };
    },
  };

  async function preflight(names: readonly string[], withCredentials: boolean): Promise<void> {
    const asking = {
      Origin: origin,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": names.toSorted().join(","),
    };
    const answer = await api(httpApiEvent({ method: "OPTIONS", body: "", headers: asking }));
    const headers = lowerCased(answer.headers);
    checkAllowed("preflight", headers, withCredentials);
    if (answer.statusCode < 200 || answer.statusCode > 299) {
      throw new TypeError(`preflight: its status is ${answer.statusCode}`);
    }
    // POST needs no permission; content-type: application/json does.
    const allowed = listed(headers["access-control-allow-headers"]);
    const missing = names.filter(
      (name) => !allowed.includes(name) && (withCredentials || !allowed.includes("*")),
    );
    if (missing.length > 0) throw new TypeError(`preflight: ${missing} may not be sent`);
  }

  function checkAllowed(
    exchange: string,
    headers: Readonly<Record<string, string>>,
    withCredentials: boolean,
  ): void {
    const allowed = headers["access-control-allow-origin"];
    if (allowed === "*" && !withCredentials) return;
    if (allowed !== origin) {
      throw new TypeError(
        `${exchange}: ${origin} is not allowed; allowed is ${allowed ?? "no origin"}`,
      );
    }
    if (withCredentials && headers["access-control-allow-credentials"] !== "true") {
      throw new TypeError(`${exchange}: credentials are not allowed`);
    }
  }
}

/** Headers that a page sees without permission. */
const SAFELISTED = [
  "cache-control",
  "content-language",
  "content-length",
  "content-type",
  "expires",
  "last-modified",
  "pragma",
];

function exposed(headers: Readonly<Record<string, string>>, withCredentials: boolean) {
  const allowed = listed(headers["access-control-expose-headers"]);
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) =>
        SAFELISTED.includes(name) ||
        allowed.includes(name) ||
        (allowed.includes("*") && !withCredentials),
    ),
  );
}

/** Joins headers as on the wire: a name written twice, in two cases, has both values. */
function lowerCased(headers: object = {}): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    all[key] = key in all ? `${all[key]}, ${value}` : String(value);
  }
  return all;
}

function listed(value: string | undefined): readonly string[] {
  return (value ?? "").split(",").map((name) => name.trim().toLowerCase());
}
