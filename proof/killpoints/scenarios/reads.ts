import type { Call } from "../function-pool.ts";
import { createdBy, requestOf, SAMPLE } from "../requests.ts";
import type { Scenario } from "../scenario.ts";

/** A function that shows what another one has created. */
interface Read {
  readonly file: string;
  readonly route: string;
  /** Creates what is read. */
  readonly creation: () => Call;
}

const READS: readonly Read[] = [
  { file: "get-transfer", route: "GET /transfers/{id}", creation: () => SAMPLE.transfer() },
  { file: "get-payout", route: "GET /payouts/{id}", creation: () => SAMPLE.payout() },
  {
    file: "ietf/get-transfer",
    route: "GET /v2/transfers/{id}",
    creation: () => SAMPLE.ietfTransfer(),
  },
  {
    file: "gluwa/get-transaction",
    route: "GET /v1/transactions/{id}",
    creation: () => SAMPLE.gluwaTransaction(),
  },
  { file: "stripe/get-charge", route: "GET /v1/charges/{id}", creation: () => SAMPLE.charge() },
  {
    file: "dfns/get-transfer",
    route: "GET /wallets/acc_alice/transfers/{transferId}",
    creation: () => SAMPLE.dfnsTransfer(),
  },
  {
    file: "dfns/get-transaction",
    route: "GET /wallets/acc_alice/transactions/{transactionId}",
    creation: () => SAMPLE.dfnsTransaction(),
  },
];

/** Functions that change nothing: a death in them must not, either. */
export const READING: readonly Scenario[] = [
  ...READS.map(({ file, route, creation }): Scenario => {
    const [, parameter = ""] = /\{(\w+)\}/.exec(route) ?? [];
    return {
      title: route,
      answersInAnyOrder: true,
      prepare: (lane) => createdBy(lane, creation()),
      call: (_, id) =>
        requestOf(`lambda/${file}.ts`, { route, pathParameters: { [parameter]: id } }),
    };
  }),
  {
    title: "GET /accounts/{id}",
    call: () =>
      requestOf("lambda/get-account.ts", {
        route: "GET /accounts/{id}",
        pathParameters: { id: "acc_alice" },
      }),
  },
  {
    title: "the authorizer",
    call: (lane) => {
      const headers = { authorization: `Bearer ${lane.holders().alice.token}` };
      return { file: "lambda/authorizer.ts", event: { headers } };
    },
  },
];
