/**
 * The value of a variable that the stack sets for every function that needs it.
 *
 * @throws if the variable is not set: a function must not start with half of its configuration.
 */
export function requiredVariable(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(
      `The environment variable ${name} is ${value === "" ? "empty" : "not set"}. Set it to the value that TransferStack gives this function.`,
    );
  }
  return value;
}
