import type { EventFormat } from "./request.ts";
import type { HttpResponse } from "./response.ts";

const JSON_BODY = { "content-type": "application/json" };

const BAD_GATEWAY_PAGE =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/** The gateway's own response to a client, if the function fails or its result is no valid response. */
export function gatewayError(format: EventFormat): HttpResponse {
  switch (format) {
    case "http-api":
      return { statusCode: 500, headers: JSON_BODY, body: '{"message":"Internal Server Error"}' };
    case "rest-api":
      return {
        statusCode: 502,
        headers: JSON_BODY,
        body: '{"message": "Internal server error"}',
      };
    // A load balancer, or VPC Lattice: neither infers a response from an incomplete result.
    default:
      return { statusCode: 502, headers: { "content-type": "text/html" }, body: BAD_GATEWAY_PAGE };
  }
}
