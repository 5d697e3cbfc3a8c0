import { CONTRACT_REQUIREMENTS, checkInterrupted } from "../checks/contract.ts";
import { aFunction, check, optional, type Requirements } from "../checks/requirements.ts";
import { isName } from "../checks/scope-name.ts";
import { ConfigurationError } from "../errors.ts";
import type { Contract } from "../protocol/contract.ts";
import { CORE_REQUIREMENTS, type CoreSettings, resolveCore } from "../settings/settings.ts";
import { queue, task } from "./contracts.ts";
import { jsonText } from "./json-text.ts";
import { contentOfKnown, isRecord } from "./known-inputs.ts";
import { adviseOnMessageId } from "./message-id.ts";
import type { FunctionOptions } from "./options.ts";
import { seeingErrors } from "./thrown.ts";

/** The checked options of a function with their defaults. */
export interface FunctionSettings extends CoreSettings {
  readonly name: string;
  readonly contractOf: (input: unknown) => Contract;
  readonly readKey: (input: unknown, context: unknown) => unknown;
  /** The text by which two inputs are the same. */
  readonly contentOf: (input: unknown) => Promise<string> | string;
}

type AllOptions = { [Name in keyof FunctionOptions]-?: unknown };

/** The requirements of the options of functions. */
export const FUNCTION_REQUIREMENTS: Requirements<AllOptions> = {
  ...CORE_REQUIREMENTS,
  name: [isName, 'the name of the work, for example "settle invoice"'],
  key: [
    aFunction[0],
    "a function that returns the key of an input, for example (order) => order.id",
  ],
  same: optional(aFunction),
  contract: optional([
    (value) => typeof value === "object" && value !== null,
    "a contract, for example task() or queue()",
  ]),
};

/**
 * Checks the options of a function when it is wrapped.
 *
 * @throws ConfigurationError that names the wrong option, its value and the expected one.
 */
export function resolveFunction<Input, Context>(
  where: string,
  options: FunctionOptions<Input, Context>,
): FunctionSettings {
  const contract = seeingErrors(checkContract(options.contract ?? task()));
  // A record of a queue comes again for weeks, also where this function is given one at a time.
  const forRecord = options.contract === undefined ? seeingErrors(queue()) : contract;
  const { name, key, same } = options;
  const core = resolveCore(where, options as FunctionOptions<never, never>);
  return {
    ...core,
    name,
    contractOf: (input) => (isRecord(input) ? forRecord : contract),
    async readKey(input, context) {
      const found = await key(input as Input, context as Context);
      adviseOnMessageId(core.advise, key, input, found);
      return found;
    },
    contentOf: createContentOf(name, same as ((input: unknown) => unknown) | undefined),
  };
}

/** What an input counts by: the option's data, or its content, apart from the envelope of its delivery. */
function createContentOf(
  name: string,
  same: ((input: unknown) => unknown) | undefined,
): FunctionSettings["contentOf"] {
  const subject = `${name}: the input`;
  if (same === undefined) {
    return (input) => contentOfKnown(input, subject) ?? jsonText(input, subject);
  }
  return async (input) => jsonText(await same(input), `${name}: the result of the option same`);
}

/** Checks the names and values of the options. @throws ConfigurationError */
export function checkFunctionOptions(where: string, options: unknown): void {
  check<AllOptions>(where, options, FUNCTION_REQUIREMENTS);
}

function checkContract(contract: Contract): Contract {
  check<Contract>("contract", contract, CONTRACT_REQUIREMENTS);
  checkInterrupted("contract", contract);
  const { completed, abandoned, mismatch, keepsResponses } = contract;
  if (completed === "entity") {
    throw new ConfigurationError(
      'contract: completed is "entity", which responds over HTTP with an entity; expected "replay" or "refuse" for a function.',
    );
  }
  if (abandoned === "complete") {
    throw new ConfigurationError(
      'contract: abandoned is "complete", but a completer invokes HTTP handlers only; expected "leave", because the sender of a message or an event sends it again, or "unknown".',
    );
  }
  if (mismatch === "replay" && !keepsResponses) {
    throw new ConfigurationError(
      'contract: mismatch is "replay", but keepsResponses is false; without the stored result nothing can be replayed.',
    );
  }
  return contract;
}
