/** Patterns of test files, for Jest: where a file stands, and its name, say when it runs. */

/** The folders whose tests may start processes, engines, builds or syntheses, or take long. */
export const INTEGRATION_FOLDERS = [
  "bench",
  "cdk",
  "clients",
  "completer",
  "e2e",
  "hostile",
  "invocation/commits",
  "ledger",
  "local",
  "package",
  "release",
  "proof",
  "rolling",
];

/** `npm test`, but not `npm run test:unit`: everything in those folders, or of such a name. */
export const INTEGRATION_TESTS = `/test/(${INTEGRATION_FOLDERS.join("|")})/|\\.integration\\.test\\.ts$`;

/** The self-tests of the proofs, which run whole sweeps: `npm run test:proofs`, not `npm test`. */
export const PROOF_TESTS = "\\.proof\\.test\\.ts$";
