import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { releasedPackage } from "../support/released.ts";

describe("the tarball of version 0.1.0", () => {
  const folder = releasedPackage("0.1.0");
  const { name, version, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

  test("is this package at that version, with its changelog", () => {
    expect({ name, version }).toEqual({ name: "lambda-idempotency", version: "0.1.0" });
    expect(readFileSync(join(folder, "CHANGELOG.md"), "utf8")).toContain("## [0.1.0]");
  });

  test("holds the code and the types of every entry point", () => {
    const entries = Object.values<string | { types: string; default: string }>(exports);
    const files = entries.flatMap((entry) =>
      typeof entry === "string" ? [entry] : [entry.types, entry.default],
    );
    expect(files.length).toBeGreaterThan(4);
    expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
  });

  test("loads beside the present code", async () => {
    const entry = pathToFileURL(join(folder, exports["."].default)).href;
    const released = await import(entry);
    const present = await import("../../lib/index.ts");
    expect(released.idempotent).toBeInstanceOf(Function);
    expect(released.idempotent).not.toBe(present.idempotent);
  });
});
