import type { Input, RequestContext, TextMap } from "./events/input.ts";
import { decodePairs } from "./pairs.ts";
import { resolveEscapes } from "./path.ts";
import type { PointerTree } from "./pointer-tree.ts";
import { readRawBody } from "./raw-body.ts";

/** The members of an event that a record keeps beside the members that reading the request needs. */
export interface NamedMembers {
  /** In lower case. */
  readonly headers: ReadonlySet<string>;
  readonly query: ReadonlySet<string>;
  /** Members of the authorizer's part of the event. */
  readonly authorizer: PointerTree;
}

/** The texts that the event formats hold method, route and path in. */
const TEXTS = [
  "version",
  "routeKey",
  "resource",
  "httpMethod",
  "method",
  "path",
  "rawPath",
] as const;

/** Texts by which a path loses its stage, and an event shows its format. */
const CONTEXT_TEXTS = ["stage", "path", "domainName", "serviceArn"] as const;

/** The headers without which the body cannot be read. */
const BODY_HEADERS = ["content-type", "content-encoding"];

/**
 * The part of an event with which the completer invokes the function again: method, route, path, path
 * parameters, body, and the members that the option `keptEvent` names. It is a list of what is kept,
 * not of what is dropped: a card number in a header or a token in the query of which nothing is known
 * here must not be stored.
 *
 * A kept event has itself as its kept event. A body that a parser in front has replaced is kept as it
 * arrived, because the parser will run again.
 */
export function keptEvent(event: unknown, named: NamedMembers): object {
  const input = event as Input & { readonly body?: unknown; readonly isBase64Encoded?: unknown };
  const isHeader = (name: string) => {
    const plain = name.toLowerCase();
    return BODY_HEADERS.includes(plain) || named.headers.has(plain);
  };
  // A load balancer passes the escapes of the names on.
  const hasEscapes = input.requestContext?.elb !== undefined;
  const isQuery = (name: string) => named.query.has(hasEscapes ? resolveEscapes(name) : name);
  return {
    ...pickTexts(input, TEXTS),
    // An empty map counts: some formats are known by the map that they have.
    ...pickMaps(input, ["headers", "multiValueHeaders"], isHeader, true),
    ...pickMaps(input, ["pathParameters"], () => true),
    ...pickMaps(input, ["queryStringParameters", "multiValueQueryStringParameters"], isQuery),
    ...(typeof input.rawQueryString === "string" && {
      rawQueryString: pickPairs(input.rawQueryString, named.query),
    }),
    ...(input.requestContext && {
      requestContext: keepContext(input.requestContext, named.authorizer),
    }),
    ...keepBody(input),
  };
}

function pickTexts<Name extends string>(
  holder: { readonly [Text in Name]?: unknown },
  names: readonly Name[],
): object {
  const texts = names.filter((name) => typeof holder[name] === "string");
  return Object.fromEntries(texts.map((name) => [name, holder[name]]));
}

type MapName = keyof {
  [Name in keyof Input as Input[Name] extends TextMap | null | undefined ? Name : never]: true;
};

function pickMaps(
  input: Input,
  maps: readonly MapName[],
  isKept: (name: string) => boolean,
  isKeptEmpty = false,
): object {
  const picked = maps.flatMap((map) => {
    const all = input[map];
    if (all === undefined || all === null) return [];
    const entries = Object.entries(all).filter(([name]) => isKept(name));
    return entries.length > 0 || isKeptEmpty ? [[map, Object.fromEntries(entries)]] : [];
  });
  return Object.fromEntries(picked);
}

/** The pairs of a query string with these names, in the spelling that arrived. */
function pickPairs(query: string, names: ReadonlySet<string>): string {
  if (names.size === 0) return "";
  const isNamed = (pair: string) => decodePairs(pair).some(([name]) => names.has(name));
  return query.split("&").filter(isNamed).join("&");
}

function keepContext(
  context: RequestContext & { readonly authorizer?: unknown },
  named: PointerTree,
): object {
  const { http, elb } = context;
  const authorizer = pickMembers(context.authorizer, named);
  return {
    ...(http && { http: pickTexts(http, ["method", "path"]) }),
    ...(elb !== undefined && { elb: {} }),
    ...pickTexts(context, CONTEXT_TEXTS),
    ...(authorizer !== undefined && { authorizer }),
  };
}

/** The members of a value at the pointers of a tree; `undefined` = it has none of them. */
function pickMembers(value: unknown, { isEnd, children }: PointerTree): unknown {
  if (isEnd) return value;
  if (typeof value !== "object" || value === null) return undefined;
  const members = [...children].flatMap(([name, child]) => {
    const member = Object.hasOwn(value, name)
      ? pickMembers((value as Record<string, unknown>)[name], child)
      : undefined;
    return member === undefined ? [] : [[name, member] as const];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** The body as it arrived, if a parser in front has replaced or removed it. */
function keepBody(event: { readonly body?: unknown; readonly isBase64Encoded?: unknown }): object {
  const { body, isBase64Encoded } = event;
  if (typeof body === "string") return { body, isBase64Encoded: isBase64Encoded === true };
  const raw = readRawBody(event);
  if (raw.length === 0) return body === null ? { body, isBase64Encoded: false } : {};
  return typeof raw === "string"
    ? { body: raw, isBase64Encoded: false }
    : { body: Buffer.from(raw).toString("base64"), isBase64Encoded: true };
}
