/** `GET /v2/transfers/{id}`. */
export { handler } from "../get-transfer.ts";
