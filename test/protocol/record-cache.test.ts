import { describe, expect, test } from "@jest/globals";
import type { CompletedRecord } from "../../lib/protocol/record.ts";
import { recordCache } from "../../lib/protocol/record-cache.ts";

function record(id: string, responseBytes = 10): CompletedRecord {
  const response = "r".repeat(responseBytes);
  return { id, state: "COMPLETED", owner: "o", fence: 1, fingerprint: "f", response };
}

describe("a cache of completed records", () => {
  test("finds what it keeps, and nothing else", () => {
    const cache = recordCache({});
    cache.keep(record("a"));
    expect(cache.find("a")).toEqual(record("a"));
    expect(cache.find("b")).toBeUndefined();
  });

  test("forgets the least recently used record when it has too many entries", () => {
    const cache = recordCache({ maxEntries: 2 });
    cache.keep(record("a"));
    cache.keep(record("b"));
    cache.find("a");
    cache.keep(record("c"));
    expect(["a", "b", "c"].filter((id) => cache.find(id))).toEqual(["a", "c"]);
  });

  test("keeps a record that fills it, and none that is larger", () => {
    const cache = recordCache({ maxBytes: 510 });
    cache.keep(record("fills", 10));
    expect(cache.find("fills")).toEqual(record("fills", 10));
    cache.keep(record("larger", 11));
    expect(cache.find("larger")).toBeUndefined();
    expect(cache.find("fills")).toEqual(record("fills", 10));
  });

  test("forgets as many as it takes when it has too many bytes", () => {
    const cache = recordCache({ maxBytes: 10_000 });
    for (const id of ["a", "b", "c"]) cache.keep(record(id, 2_000));
    cache.keep(record("large", 7_000));
    // Each counts 500 bytes beside its response, so that one more fits, exactly.
    expect(["a", "b", "c", "large"].filter((id) => cache.find(id))).toEqual(["c", "large"]);
    cache.keep(record("d", 1_000));
    expect(["c", "large", "d"].filter((id) => cache.find(id))).toEqual(["large", "d"]);
  });

  test("keeps nothing that is larger than all of it, and forgets nothing for it", () => {
    const cache = recordCache({ maxBytes: 5_000 });
    cache.keep(record("a"));
    cache.keep(record("large", 5_000));
    expect(cache.find("large")).toBeUndefined();
    expect(cache.find("a")).toBeDefined();
  });

  test("counts a record once, however often it is kept", () => {
    const cache = recordCache({ maxBytes: 5_000 });
    for (let times = 0; times < 10; times += 1) cache.keep(record("a", 2_000));
    cache.keep(record("b", 1_000));
    expect(cache.find("a")).toBeDefined();
    expect(cache.find("b")).toBeDefined();
  });

  test("counts bytes, not characters", () => {
    const cache = recordCache({ maxBytes: 2_000 });
    cache.keep({ ...record("a"), response: "€".repeat(600) });
    expect(cache.find("a")).toBeUndefined();
  });
});
