import type { InvocationContext } from "../context.ts";
import type { Refusal } from "../errors.ts";
import type { Surface } from "../invocation/surface.ts";
import { findTenant, SINGLE_TENANT } from "../invocation/tenant.ts";
import { valueRecordId } from "../protocol/key.ts";
import { compareText, valueScheme } from "./compare.ts";
import { type ValueOutput, valueOutputs } from "./outputs.ts";
import type { FunctionSettings } from "./settings.ts";

/** The functions' side of the seam: inputs of any kind, results and errors. */
export function valueSurface(settings: FunctionSettings): Surface<ValueOutput> {
  const { name, service, claimAt, secrets, tools } = settings;
  const scheme = valueScheme(secrets.fingerprints);
  return {
    async identify(input, invocation: InvocationContext) {
      const contract = settings.contractOf(input);
      const outputs = valueOutputs(name, contract, tools.observe);
      const tenant = await findTenant(settings, input, invocation, "the id of the principal.");
      const key = readKey(await settings.readKey(input, invocation));
      if (typeof key !== "string") return { outputs, tenant, refusal: key };
      // Before the function runs, which may change its input.
      const text = await settings.contentOf(input);
      const scope = { tenant: tenant ?? SINGLE_TENANT, operation: name, service, key };
      return {
        key,
        tenant,
        recordId: valueRecordId(scope, secrets.ids),
        compared: compareText(text, scheme, secrets.fingerprints),
        contract,
        claim: { at: claimAt },
        outputs,
        isReadFirst: () => false,
      };
    },
  };
}

/** The key as a text, so that 7 and "7" are one key; or the refusal of a value that is none. */
function readKey(value: unknown): string | Refusal {
  if (value === undefined || value === null || value === "") return { code: "key_missing" };
  const isNumber = typeof value === "bigint" || Number.isSafeInteger(value);
  const key = isNumber ? String(value) : value;
  if (isText(key)) return key;
  return {
    code: "key_malformed",
    detail: `The option key returned ${describe(value)}; expected a text or a whole number.`,
  };
}

/** A text that is no value by accident: `String(undefined)`, `${{}}`. Unlike a tenant it may have such a part. */
function isText(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.isWellFormed() &&
    !ACCIDENTS.includes(value.trim()) &&
    !value.startsWith("[object ")
  );
}

const ACCIDENTS = ["", "undefined", "null", "NaN"];

const LONGEST_SHOWN = 80;

function describe(value: unknown): string {
  if (typeof value !== "string")
    return typeof value === "number" ? String(value) : `a value of type ${typeof value}`;
  return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
}
