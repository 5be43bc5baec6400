import type { BakedConfiguration } from "../../scripts/deploy/edge-configuration.ts";

/** What an edge of some deployment knows. */
export const CONFIGURATION: BakedConfiguration = {
  userPoolId: "us-east-1_Abcdefghi",
  clientId: "client-1",
  cognitoDomain: "https://enceladus-123456789012.auth.us-east-1.amazoncognito.com",
  appOrigin: "https://d111111abcdef8.cloudfront.net",
};
