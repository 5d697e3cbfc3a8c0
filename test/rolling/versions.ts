import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as presentStore from "../../lib/dynamodb/index.ts";
import * as present from "../../lib/index.ts";
import { releasedPackage } from "../support/released.ts";

/** A version of the package: its handler, its profiles and its store. */
export type Package = Pick<
  typeof present,
  "idempotent" | "ietf" | "dwolla" | "orzcash" | "dfns" | "gluwa"
> &
  Pick<typeof presentStore, "dynamoDbStore">;

/** `old` = version 0.1.0, as it was packed; `new` = the present code. */
export type Version = "old" | "new";

/** The two versions that run side by side while a function is deployed. */
export async function loadVersions(): Promise<Readonly<Record<Version, Package>>> {
  const dist = join(releasedPackage("0.1.0"), "dist");
  const load = (file: string) => import(pathToFileURL(join(dist, file)).href);
  const released = { ...(await load("index.js")), ...(await load("dynamodb/index.js")) };
  // The released types are those of today, but for the members that are new since.
  return { old: released as Package, new: { ...present, ...presentStore } };
}
