import { expect, test } from "@jest/globals";
import { readCommandLine } from "../../local/command-line.ts";

test("without arguments nothing is forced", () => {
  expect(readCommandLine([])).toEqual({});
});

test("all options are read", () => {
  const args = "--port 0 --engine dynamodb-local --runner in-process --verbose".split(" ");
  expect(readCommandLine(args)).toEqual({
    port: 0,
    engine: "dynamodb-local",
    runner: "in-process",
    verbose: true,
  });
});

test.each([
  [["--port", "70000"], "--port must be a whole number from 0 to 65535, not 70000."],
  [["--port", "http"], "--port must be a whole number from 0 to 65535, not http."],
  [
    ["--engine", "sqlite"],
    "--engine must be one of: dynoxide, dynamodb-local, in-memory; not sqlite.",
  ],
  [["--runner", "docker"], "--runner must be one of: aws-lambda-ric, in-process; not docker."],
  [["--endpoint", "here"], "--endpoint must be a URL such as http://127.0.0.1:8000, not here."],
  [["--prot", "1"], "--prot"],
])("%j is refused with the list of options", (args, message) => {
  expect(() => readCommandLine(args)).toThrow(message);
  expect(() => readCommandLine(args)).toThrow("Options:");
});
