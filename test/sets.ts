/** Patterns of test files, for Jest: where a file stands, and its name, say when it runs. */

/** The folders whose tests run the layer itself on an engine. */
const ENGINE_FOLDERS = ["completer", "invocation/commits"];

/** The folders whose tests are about the programs around the layer, start processes, or take long. */
const DISTANT_FOLDERS = [
  "bench",
  "cdk",
  "clients",
  "e2e",
  "hostile",
  "ledger",
  "local",
  "package",
  "release",
  "proof",
  "rolling",
];

/** The folders whose tests may start processes, engines, builds or syntheses, or take long. */
export const INTEGRATION_FOLDERS = [...ENGINE_FOLDERS, ...DISTANT_FOLDERS];

/** `npm test`, but not `npm run test:unit`: everything in those folders, or of such a name. */
export const INTEGRATION_TESTS = `/test/(${INTEGRATION_FOLDERS.join("|")})/|\\.integration\\.test\\.ts$`;

/** The self-tests of the proofs, which run whole sweeps: `npm run test:proofs`, not `npm test`. */
export const PROOF_TESTS = "\\.proof\\.test\\.ts$";

/**
 * `npm test`, but not `npm run mutate`: the distant folders, the test of the source text, which every
 * mutant changes, and the second engine.
 */
export const TESTS_WITHOUT_MUTANTS = `/test/((${DISTANT_FOLDERS.join("|")})/|house\\.)|dynamodb-local`;
