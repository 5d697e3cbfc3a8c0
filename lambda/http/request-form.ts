import { isAccountId } from "../transfers/transfer.ts";
import { type BodyEvent, bodyText } from "./body-text.ts";
import { type Problem, ProblemError } from "./problem.ts";

/** What a body must be. */
export interface Form {
  /** The same sentence for every body that is something else. */
  readonly title: string;
  /** All of them are required. */
  readonly members: readonly Member[];
  /** Others that may be there, because somebody else reads them; or any. */
  readonly ignored?: readonly string[] | "any";
}

/** A member of a JSON object. */
export interface Member {
  readonly name: string;
  /** What its value must be, in words. */
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
 * @returns its members, in the order of the form: the answer to a repeat must not differ by the
 *   order in which the client wrote them.
 * @throws ProblemError 400, naming the member, its value and what is expected.
 */
export function readForm(form: Form, event: BodyEvent): Record<string, unknown> {
  const { value, amountText } = parse(form, readText(form, event));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(form, "body_malformed", `The body is ${shown(value)}; expected a JSON object.`);
  }
  const found = new Map(Object.entries(value));
  for (const name of found.keys()) {
    const isKnown = form.members.some((member) => member.name === name);
    if (!isKnown && form.ignored !== "any" && !form.ignored?.includes(name)) {
      throw invalid(
        form,
        "member_unknown",
        `Member ${shown(name)} is unknown; expected only ${namesOf(form)}.`,
      );
    }
  }
  for (const { name, expected, accepts } of form.members) {
    if (!found.has(name)) throw invalidMember(form, name, `is missing; expected ${expected}`);
    const member = found.get(name);
    if (!accepts(member)) {
      // Clients should see their own 9007199254740993, not the number that it was rounded to.
      const written = name === AMOUNT.name ? amountText : undefined;
      throw invalidMember(form, name, `is ${written ?? shown(member)}; expected ${expected}`);
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
  return invalid(form, "member_invalid", `Member ${shown(name)} ${wrong}.`, { member: name });
}

/** A value as the client wrote it, or what kind of value it is where that would be long. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return brief(JSON.stringify(value), value);
}

/** @throws ProblemError 400 if it is no text. */
export function readText(form: Pick<Form, "title">, event: BodyEvent): string {
  const text = bodyText(event);
  if (text !== undefined) return text;
  throw invalid(
    form,
    "body_malformed",
    "The body is not UTF-8, nor in an encoding that is read here; expected a text in UTF-8.",
  );
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
function parse(form: Form, text: string): { value: unknown; amountText?: string } {
  let amountText: string | undefined;
  const keepAmount: Reviver = (name, value, { source }) => {
    if (name === AMOUNT.name) amountText = source && brief(source, value);
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
      form,
      "body_malformed",
      `The body is not JSON; expected an object with ${namesOf(form)}.`,
    );
  }
}

/** Nobody finds a mistake in a text that fills screens; it is told by its length. */
function brief(text: string, value: unknown): string {
  return text.length <= 80 ? text : `a ${typeof value} of ${text.length} characters`;
}

function namesOf({ members }: Form): string {
  return members.map(({ name }) => `"${name}"`).join(", ");
}

/** The refusal of a whole body. */
export function invalid(
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
