/** `GET /v2/transfers/{id}`. */
export { handler } from "../../transfers/get-transfer.ts";
