import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Engine, type ProgramName, startEngine } from "../../../local/engine.ts";
import { OTHER_ENGINES } from "../../support/engines.ts";
import { type RawAnswer, sendRaw } from "./raw-request.ts";
import { scriptsOn, tableNamed } from "./script.ts";

let engines: ReadonlyMap<ProgramName, Engine>;
let inMemory: Engine;

beforeAll(async () => {
  inMemory = await startEngine({ engine: "in-memory" });
  engines = new Map(
    await Promise.all(
      OTHER_ENGINES.map(async (name) => [name, await startEngine({ engine: name })] as const),
    ),
  );
}, 30_000);

afterAll(async () => {
  for (const engine of [inMemory, ...engines.values()]) await engine.close();
});

describe.each(Object.keys(scriptsOn("")))("of %s,", (subject) => {
  test("the in-memory engine answers like the other engines", async () => {
    const table = `scripts-of-${subject.replace(" ", "-")}`;
    for (const { endpoint } of [inMemory, ...engines.values()]) {
      expect(await sendRaw(endpoint, "CreateTable", tableNamed(table))).toHaveProperty(
        "status",
        200,
      );
    }
    for (const { operation, input, unlike } of scriptsOn(table)[subject] ?? []) {
      const ours = comparable(await sendRaw(inMemory.endpoint, operation, input));
      for (const [name, { endpoint }] of engines) {
        const others = comparable(await sendRaw(endpoint, operation, input));
        const request = { operation, input: JSON.stringify(input).slice(0, 1_000) };
        if (name === unlike) expect({ ...request, ...ours }).not.toEqual({ ...request, ...others });
        else expect({ ...request, ...ours }).toEqual({ ...request, ...others });
      }
    }
  });
});

/** Without the texts of errors, and without descriptions of tables. */
function comparable({ status, error, body }: RawAnswer) {
  const { TableDescription: _, ConsumedCapacity: _units, CancellationReasons, ...others } = body;
  const reasons = (CancellationReasons as { Code: string; Item?: object }[] | undefined)?.map(
    ({ Code, Item }) => ({ Code, Item }),
  );
  return { status, error, reasons, ...others };
}
