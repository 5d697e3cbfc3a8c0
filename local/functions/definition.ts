/** A Lambda function of the stack, with all that it takes to run the function. */
export type FunctionDefinition = {
  /** Its name in the template; unique in the assembly. */
  logicalId: string;
  name: string;
  arn: string;
  /** `file.export`, below the code folder. */
  handler: string;
  /** Absolute path of the bundled code. */
  codeFolder: string;
  environment: Record<string, string>;
  timeoutMs: number;
  memoryMb: number;
};
