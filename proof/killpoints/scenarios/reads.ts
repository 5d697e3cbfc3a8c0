import type { Call } from "../function-pool.ts";
import { createCall, createEntity, SAMPLE } from "../requests.ts";
import type { Scenario } from "../scenario.ts";

/** A function that shows an entity which another function has created. */
interface Read {
  readonly file: string;
  readonly route: string;
  /** Creates the entity. */
  readonly creation: () => Call;
}

const READS: readonly Read[] = [
  {
    file: "transfers/get-transfer",
    route: "GET /transfers/{id}",
    creation: () => SAMPLE.transfer(),
  },
  { file: "payouts/get-payout", route: "GET /payouts/{id}", creation: () => SAMPLE.payout() },
  {
    file: "vendors/ietf/get-transfer",
    route: "GET /v2/transfers/{id}",
    creation: () => SAMPLE.ietfTransfer(),
  },
  {
    file: "vendors/gluwa/get-transaction",
    route: "GET /v1/transactions/{id}",
    creation: () => SAMPLE.gluwaTransaction(),
  },
  {
    file: "vendors/stripe/get-charge",
    route: "GET /v1/charges/{id}",
    creation: () => SAMPLE.charge(),
  },
  {
    file: "vendors/dfns/get-transfer",
    route: "GET /wallets/acc_alice/transfers/{transferId}",
    creation: () => SAMPLE.dfnsTransfer(),
  },
  {
    file: "vendors/dfns/get-transaction",
    route: "GET /wallets/acc_alice/transactions/{transactionId}",
    creation: () => SAMPLE.dfnsTransaction(),
  },
];

/** Functions that change nothing; a death in them must change nothing, either. */
export const READING: readonly Scenario[] = [
  ...READS.map(({ file, route, creation }): Scenario => {
    const [, parameter = ""] = /\{(\w+)\}/.exec(route) ?? [];
    return {
      title: route,
      membersInAnyOrder: true,
      prepare: (lane) => createEntity(lane, creation()),
      call: (_, id) =>
        createCall(`lambda/${file}.ts`, { route, pathParameters: { [parameter]: id } }),
    };
  }),
  {
    title: "GET /accounts/{id}",
    call: () =>
      createCall("lambda/accounts/get-account.ts", {
        route: "GET /accounts/{id}",
        pathParameters: { id: "acc_alice" },
      }),
  },
  {
    title: "the authorizer",
    call: (lane) => {
      const headers = { authorization: `Bearer ${lane.holders().alice.token}` };
      return { file: "lambda/auth/authorizer.ts", event: { headers } };
    },
  },
];
