export default {
  testEnvironment: "node",
  // Node strips the types by itself.
  transform: {},
  extensionsToTreatAsEsm: [".ts"],
};
