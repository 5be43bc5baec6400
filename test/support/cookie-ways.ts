import type { EventParts } from "../../scripts/packages/gateway-event.ts";

/** Every way in which a gateway, a browser or a proxy may bring a cookie: each must be found. */
export function waysToSend(name: string, value: string): Readonly<Record<string, Partial<EventParts>>> {
  const cookie = `${name}=${value}`;
  return {
    "the header `cookie`": { headers: { cookie } },
    "the header `Cookie`": { headers: { Cookie: cookie } },
    "the header `COOKIE`": { headers: { COOKIE: cookie } },
    "the header `cOOkiE`": { headers: { cOOkiE: cookie } },
    "among other cookies": { headers: { cookie: `a=b; x${name}=no; ${cookie}; ${name}_old=no` } },
    "without blanks": { headers: { cookie: `a=b;${cookie};c=d` } },
    "percent-encoded": { headers: { cookie: cookie.replaceAll(".", "%2E") } },
    "the event's list": { cookies: [cookie] },
    "the event's list, several in one entry": { cookies: [`a=b; ${cookie}`] },
    "the event's list, among things that are no text": { cookies: [5, null, cookie] },
    "the event's cookies as one text": { cookies: `a=b; ${cookie}` },
    multiValueHeaders: { multiValueHeaders: { Cookie: ["a=b", cookie] } },
    "header and list": { headers: { cookie }, cookies: [cookie] },
    "other cookies in the header, the token in the list": { headers: { cookie: "a=b" }, cookies: [cookie] },
    "an empty one before it": { headers: { cookie: `${name}=; ${cookie}` } },
    "an empty one in the header, the token in the list": { headers: { cookie: `${name}=` }, cookies: [cookie] },
    "a broken one of another name beside it": { headers: { cookie: `other=%E0%A4%A; ${cookie}` } },
    "header before list": { headers: { cookie }, cookies: [`${name}=garbage`] },
    "a bad one behind it": { headers: { cookie: `${cookie}; ${name}=garbage` } },
    "a thousand cookies around it": {
      headers: { cookie: `${"a=b; ".repeat(500)}${cookie}${"; c=d".repeat(500)}` },
    },
    "a cookie of 64 KB before it": { headers: { cookie: `big=${"x".repeat(65_536)}; ${cookie}` } },
  };
}
