import { isAccountId } from "../transfers/transfer.ts";
import { type BodyEvent, bodyText } from "./body-text.ts";
import { type Problem, ProblemError } from "./problem.ts";

/** The form that a body must have. */
export interface Form {
  /** The title of the problem, the same for every body that does not have this form. */
  readonly title: string;
  /** All of them are required. */
  readonly members: readonly Member[];
  /** Further members that a body may have, because another part reads them; `"any"` allows all. */
  readonly ignored?: readonly string[] | "any";
}

/** A member of a JSON object. */
export interface Member {
  readonly name: string;
  /** The values that it accepts, in words. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

/** The member `amountMinor`; every form has one. */
export const AMOUNT: Member = {
  name: "amountMinor",
  expected: `a whole number of minor units from 1 to ${Number.MAX_SAFE_INTEGER}`,
  accepts: (value) => Number.isSafeInteger(value) && (value as number) > 0,
};

/** The member `currency`. */
export const CURRENCY: Member = {
  name: "currency",
  expected: 'an ISO 4217 code such as "EUR"',
  accepts: (value) => typeof value === "string" && /^[A-Z]{3}$/.test(value),
};

/** A member that names an account of this service. */
export function accountMember(name: string): Member {
  return { name, expected: 'an account id such as "acc_alice"', accepts: isAccountId };
}

/**
 * Reads a JSON object, member by member.
 *
 * @returns its members in the order of the form: the response must not depend on the order in which
 *   the client wrote them.
 * @throws ProblemError 400, naming the member, its value and the expected value.
 */
export function readForm(form: Form, event: BodyEvent): Record<string, unknown> {
  const { value, amountText } = parse(form, readText(form, event));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidBody(
      form,
      "body_malformed",
      `The body is ${describeValue(value)}; expected a JSON object.`,
    );
  }
  const found = new Map(Object.entries(value));
  for (const name of found.keys()) {
    const isKnown = form.members.some((member) => member.name === name);
    if (!isKnown && form.ignored !== "any" && !form.ignored?.includes(name)) {
      throw invalidBody(
        form,
        "member_unknown",
        `Member ${describeValue(name)} is unknown; expected only ${listNames(form)}.`,
      );
    }
  }
  for (const { name, expected, accepts } of form.members) {
    if (!found.has(name)) throw invalidMember(form, name, `is missing; expected ${expected}`);
    const member = found.get(name);
    if (!accepts(member)) {
      // Clients should see their own 9007199254740993, not the number that it was rounded to.
      const written = name === AMOUNT.name ? amountText : undefined;
      throw invalidMember(
        form,
        name,
        `is ${written ?? describeValue(member)}; expected ${expected}`,
      );
    }
  }
  if (form.members.includes(AMOUNT) && amountText !== String(found.get(AMOUNT.name))) {
    const expected = `${AMOUNT.expected}, in digits only`;
    throw invalidMember(form, AMOUNT.name, `is ${amountText}; expected ${expected}`);
  }
  return Object.fromEntries(form.members.map(({ name }) => [name, found.get(name)]));
}

/** The refusal of one member, such as `is "x"; expected "y"`. */
export function invalidMember(
  form: Pick<Form, "title">,
  name: string,
  wrong: string,
): ProblemError {
  return invalidBody(form, "member_invalid", `Member ${describeValue(name)} ${wrong}.`, {
    member: name,
  });
}

/** A value as the client wrote it, or only its kind where the value would be long. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return shorten(JSON.stringify(value), value);
}

/** @throws ProblemError 400 if the body is not text. */
export function readText(form: Pick<Form, "title">, event: BodyEvent): string {
  const text = bodyText(event);
  if (text !== undefined) return text;
  throw invalidBody(
    form,
    "body_malformed",
    "The body is not text in UTF-8 or in another encoding that this service reads; expected a text in UTF-8.",
  );
}

type Reviver = (
  this: unknown,
  name: string,
  value: unknown,
  context: { source?: string },
) => unknown;

/**
 * Parses the body, and keeps the amount as the client wrote it. `JSON.parse` rounds:
 * 1.00000000000000001 becomes 1, and the service must move no amount that the client did not write.
 */
function parse(form: Form, text: string): { value: unknown; amountText?: string } {
  let amountText: string | undefined;
  const keepAmount: Reviver = (name, value, { source }) => {
    if (name === AMOUNT.name) amountText = source && shorten(source, value);
    return value;
  };
  try {
    const value: unknown = JSON.parse(
      text,
      keepAmount as (name: string, value: unknown) => unknown,
    );
    return amountText === undefined ? { value } : { value, amountText };
  } catch {
    throw invalidBody(
      form,
      "body_malformed",
      `The body is not JSON; expected an object with ${listNames(form)}.`,
    );
  }
}

/** A reader finds no mistake in a text that fills screens, so the length stands for a long text. */
function shorten(text: string, value: unknown): string {
  return text.length <= 80 ? text : `a ${typeof value} of ${text.length} characters`;
}

function listNames({ members }: Form): string {
  return members.map(({ name }) => `"${name}"`).join(", ");
}

/** The refusal of a body. */
export function invalidBody(
  { title }: Pick<Form, "title">,
  code: string,
  detail: string,
  details?: Record<string, string>,
): ProblemError {
  const problem: Problem = {
    statusCode: 400,
    code,
    title,
    detail,
    ...(details && { details }),
  };
  return new ProblemError(problem);
}
