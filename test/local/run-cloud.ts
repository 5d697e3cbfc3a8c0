/** A program for leftovers.test.ts: runs a cloud and prints its URL, until a signal ends it. */
import { startCloud } from "../../local/cloud.ts";
import { onShutdown } from "../../local/process/shutdown.ts";

const [assembly = ""] = process.argv.slice(2);
const cloud = await startCloud({ assembly, port: 0 });
onShutdown(cloud.close);
console.log(cloud.url);
