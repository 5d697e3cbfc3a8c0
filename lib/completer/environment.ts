import { isName } from "../checks/scope-name.ts";
import { ConfigurationError } from "../errors.ts";
import type { CompletedFunction } from "./complete-abandoned.ts";
import type { CompleterBounds } from "./judge-abandoned.ts";

const EXPECTED =
  'expected a JSON object of the services and the ARNs of their functions, for example {"payouts":"arn:aws:lambda:eu-central-1:111122223333:function:create-payout:live"}';

/**
 * The functions in the variable FUNCTIONS.
 *
 * @throws ConfigurationError that names the variable, its value and the expected one.
 */
export function readFunctions(env: NodeJS.ProcessEnv): readonly CompletedFunction[] {
  const text = requiredVariable(env, "FUNCTIONS");
  const entries = Object.entries(readObject(text));
  if (entries.length === 0) throw unexpected("FUNCTIONS", text, EXPECTED);
  return entries.map(([name, arn]) => {
    const functionName = readFunctionName(arn);
    if (!isName(name) || functionName === undefined) {
      throw unexpected(
        "FUNCTIONS",
        text,
        `its member ${JSON.stringify(name)} is ${JSON.stringify(arn)}; ${EXPECTED}`,
      );
    }
    return { name, arn: String(arn), functionName };
  });
}

/**
 * The bounds in the variables MAX_ATTEMPTS and MAX_AGE_SECONDS; 10 attempts and 24 hours without
 * them.
 *
 * @throws ConfigurationError that names the variable, its value and the expected one.
 */
export function readBounds(env: NodeJS.ProcessEnv): CompleterBounds {
  return {
    maxAttempts: readCount(env, "MAX_ATTEMPTS", 10),
    maxAgeMs: readCount(env, "MAX_AGE_SECONDS", 24 * 60 * 60) * 1000,
  };
}

function readCount(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = env[name];
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw unexpected(name, text, "expected a whole number from 1 to 999999999");
}

/** @throws ConfigurationError if the variable is not set. */
export function requiredVariable(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new ConfigurationError(
    `idempotency: the environment variable ${name} is not set. IdempotencyCompleter sets it.`,
  );
}

function readObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unexpected("FUNCTIONS", text, EXPECTED);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw unexpected("FUNCTIONS", text, EXPECTED);
  }
  return value;
}

/** The name in a function's ARN, with or without an alias or a version. */
function readFunctionName(arn: unknown): string | undefined {
  const parts = /^arn:[^:]+:lambda:[^:]+:\d+:function:([\w-]+)(?::[\w$-]+)?$/.exec(String(arn));
  return parts?.[1];
}

function unexpected(name: string, text: string, expected: string): ConfigurationError {
  return new ConfigurationError(
    `idempotency: the environment variable ${name} is ${text}; ${expected}.`,
  );
}
