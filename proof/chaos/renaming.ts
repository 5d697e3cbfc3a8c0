import type { Cloud } from "../../local/cloud.ts";
import type { Random } from "../kit/random.ts";

/** Two declarations of each route: with other names of parameters, or as a greedy route. */
const RENAMINGS: readonly (readonly [declared: string, renamed: string])[] = [
  ["POST /wallets/{walletId}/transfers", "POST /wallets/{id}/transfers"],
  ["POST /wallets/{walletId}/transactions", "POST /wallets/{id}/transactions"],
  ["POST /transfers", "POST /{proxy+}"],
];

const DEPLOY_EVERY_MS = 900;

/** Deploys the routes again and again, each under one of its names, until `end` is called. */
export function renameRoutes(cloud: Cloud, random: Random): { end(): void } {
  const deployments = setInterval(() => {
    for (const names of RENAMINGS) {
      const name = random.pick(names);
      cloud.renameRoutes((routeKey) => (names.includes(routeKey) ? name : routeKey));
    }
  }, DEPLOY_EVERY_MS);
  return { end: () => clearInterval(deployments) };
}
