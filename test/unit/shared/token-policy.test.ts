import { tokenPolicy } from "@enceladus/shared/token-policy";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

const NAMES = ["COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID", "COGNITO_ISSUER", "COGNITO_JWKS_URL", "ENCELADUS_LOCAL"];

beforeEach(() => {
  for (const name of NAMES) delete process.env[name];
  process.env.COGNITO_USER_POOL_ID = "eu-central-1_Abc123";
  process.env.COGNITO_CLIENT_ID = "client";
});
afterEach(() => {
  for (const name of NAMES) delete process.env[name];
});

function failure(): unknown {
  try {
    return tokenPolicy();
  } catch (error) {
    return error;
  }
}

describe("which tokens a deployment accepts", () => {
  it("follows from the pool's id, its region included", () => {
    expect(tokenPolicy()).toMatchObject({
      issuer: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Abc123",
      clientId: "client",
    });
  });

  it("keeps the keys it has fetched while the settings stay", () => {
    const first = tokenPolicy();
    expect(tokenPolicy()).toBe(first);
    process.env.COGNITO_CLIENT_ID = "another";
    expect(tokenPolicy()).not.toBe(first);
  });

  it.each(["COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID"])("is a CONFIGURATION_ERROR without %s", (name) => {
    process.env[name] = "";
    expect(failure()).toMatchObject({ code: "CONFIGURATION_ERROR", retryable: false });
  });

  it("is a CONFIGURATION_ERROR with a pool id that names no region", () => {
    process.env.COGNITO_USER_POOL_ID = "nonsense";
    expect(failure()).toMatchObject({ code: "CONFIGURATION_ERROR" });
  });
});

describe("an issuer on the laptop", () => {
  it.each([
    "http://127.0.0.1:9229/pool",
    "http://localhost:9229/pool",
    "http://[::1]:9229/pool",
    "https://localhost/pool",
  ])("%s is accepted when the function runs there only", (issuer) => {
    process.env.COGNITO_ISSUER = issuer;
    expect(failure()).toMatchObject({ code: "CONFIGURATION_ERROR" });
    process.env.ENCELADUS_LOCAL = "true";
    expect(tokenPolicy()).toMatchObject({ issuer });
  });

  it.each([
    "http://issuer.example.com",
    "ftp://issuer.example.com",
    "issuer.example.com",
    "http://127.0.0.1.evil.example.com",
  ])("%s is never accepted", (issuer) => {
    process.env.ENCELADUS_LOCAL = "true";
    process.env.COGNITO_ISSUER = issuer;
    expect(failure()).toMatchObject({ code: "CONFIGURATION_ERROR" });
  });

  it("may not serve the keys of a real one", () => {
    process.env.COGNITO_JWKS_URL = "http://127.0.0.1:9229/jwks.json";
    expect(failure()).toMatchObject({ code: "CONFIGURATION_ERROR" });
  });
});
