import { type Problem, ProblemError } from "./problem.ts";
import { isAccountId, type TransferRequest } from "./transfer.ts";

/**
 * Reads the body of `POST /transfers`.
 *
 * @throws ProblemError 400, naming the member, its value and what is expected.
 */
export function readTransferRequest(event: {
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean;
}): TransferRequest {
  const { value, amountText } = parse(bodyText(event));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("body_malformed", `The body is ${shown(value)}; expected a JSON object.`);
  }
  const request = new Map(Object.entries(value));
  for (const name of request.keys()) {
    if (!MEMBERS.some((member) => member.name === name)) {
      throw invalid(
        "member_unknown",
        `Member ${shown(name)} is unknown; expected only ${KNOWN_NAMES}.`,
      );
    }
  }
  for (const { name, expected, accepts } of MEMBERS) {
    if (!request.has(name)) throw invalidMember(name, `is missing; expected ${expected}`);
    const member = request.get(name);
    if (!accepts(member)) {
      // Clients should see their own 9007199254740993, not the number that it was rounded to.
      const written = name === "amountMinor" ? amountText : undefined;
      throw invalidMember(name, `is ${written ?? shown(member)}; expected ${expected}`);
    }
  }
  const { from, to, amountMinor, currency } = value as TransferRequest;
  if (amountText !== String(amountMinor)) {
    throw invalidMember("amountMinor", `is ${amountText}; expected ${AMOUNT}, in digits only`);
  }
  if (from === to) {
    throw invalidMember("to", `is ${shown(to)}, as "from" is; expected another account`);
  }
  // In this order, whatever the client's was: the answer to a repeat must not differ by it.
  return { from, to, amountMinor, currency };
}

const ACCOUNT = 'an account id such as "acc_alice"';
const AMOUNT = `a whole number of minor units from 1 to ${Number.MAX_SAFE_INTEGER}`;

const MEMBERS = [
  { name: "from", expected: ACCOUNT, accepts: isAccountId },
  { name: "to", expected: ACCOUNT, accepts: isAccountId },
  {
    name: "amountMinor",
    expected: AMOUNT,
    accepts: (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0,
  },
  {
    name: "currency",
    expected: 'an ISO 4217 code such as "EUR"',
    accepts: (value: unknown) => typeof value === "string" && /^[A-Z]{3}$/.test(value),
  },
];

const KNOWN_NAMES = MEMBERS.map((member) => `"${member.name}"`).join(", ");

function bodyText({
  body = "",
  isBase64Encoded,
}: {
  body?: string | undefined;
  isBase64Encoded?: boolean;
}) {
  if (!isBase64Encoded) return body;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(body, "base64"));
  } catch {
    throw invalid("body_malformed", "The body is not UTF-8; expected a JSON object in UTF-8.");
  }
}

type Reviver = (
  this: unknown,
  name: string,
  value: unknown,
  context: { source?: string },
) => unknown;

/**
 * Besides the value, the amount as it was written. `JSON.parse` rounds: 1.00000000000000001 becomes
 * 1, and no money moves that the client did not write.
 */
function parse(text: string): { value: unknown; amountText?: string } {
  let amountText: string | undefined;
  const keepAmount: Reviver = (name, value, { source }) => {
    if (name === "amountMinor") amountText = source && brief(source, value);
    return value;
  };
  try {
    const value: unknown = JSON.parse(
      text,
      keepAmount as (name: string, value: unknown) => unknown,
    );
    return amountText === undefined ? { value } : { value, amountText };
  } catch {
    throw invalid(
      "body_malformed",
      `The body is not JSON; expected an object with ${KNOWN_NAMES}.`,
    );
  }
}

/** A value as the client wrote it, or what kind of value it is where that would be long. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return brief(JSON.stringify(value), value);
}

/** Nobody finds a mistake in a text that fills screens; it is told by its length. */
function brief(text: string, value: unknown): string {
  return text.length <= 80 ? text : `a ${typeof value} of ${text.length} characters`;
}

function invalidMember(name: string, wrong: string): ProblemError {
  return invalid("member_invalid", `Member ${shown(name)} ${wrong}.`, { member: name });
}

function invalid(code: string, detail: string, details?: Record<string, string>): ProblemError {
  const problem: Problem = {
    statusCode: 400,
    code,
    title: "The request is not a transfer.",
    detail,
    ...(details && { details }),
  };
  return new ProblemError(problem);
}
