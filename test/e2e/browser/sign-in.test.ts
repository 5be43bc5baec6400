import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { ApiCaller } from "../../support/api-caller.ts";
import { findChromium, launchChromium } from "../../support/chromium.ts";
import { expiredIdToken } from "../../support/local-tokens.ts";
import { system } from "../../support/shared-system.ts";

const chromium = findChromium();
if (!chromium) {
  process.stderr.write(
    "The sign-in is not tried in a browser: no Chromium is installed, and CHROMIUM_PATH names none.\n",
  );
}

(chromium ? describe : describe.skip)("a person with a browser", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the browser says against the page. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchChromium(chromium ?? "");
    await ApiCaller.person(system).createProject("on-screen", "SCR");
  });

  afterAll(() => browser?.close());

  beforeEach(() => open());

  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  async function open(options: { javaScriptEnabled?: boolean } = {}): Promise<void> {
    await context?.close();
    complaints = [];
    context = await browser.newContext(options);
    page = await context.newPage();
    page.on("console", (message) => {
      if (/content security policy|refused to/i.test(message.text())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
  }

  const app = (path: string) => `${system.endpoints.apiUrl}${path}`;

  async function fillIn(password = system.endpoints.users[0]?.password ?? ""): Promise<void> {
    await page.getByLabel("E-mail address").fill(system.endpoints.users[0]?.username ?? "");
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  const seeProjects = () => page.getByRole("heading", { name: /on-screen/ }).waitFor();

  async function signIn(): Promise<void> {
    await page.goto(app("/enceladus/"));
    await fillIn();
    await page.waitForURL(app("/enceladus/"));
    await seeProjects();
  }

  const seeSignIn = () => page.getByRole("heading", { name: "Sign in to Enceladus" }).waitFor();

  async function cookie(name: string): Promise<string | undefined> {
    return (await context.cookies(app("/enceladus/"))).find((found) => found.name === name)?.value;
  }

  /** Lets the page load its list again, and says whether it is still the same page afterwards. */
  async function reloadList(): Promise<boolean> {
    await page.evaluate("document.marked = true; document.getElementById('projects').replaceChildren()");
    await page.getByRole("button", { name: "Reload the list" }).click();
    await seeProjects();
    return page.evaluate("document.marked === true") as Promise<boolean>;
  }

  const replaceIdToken = (value: string) =>
    context.addCookies([
      {
        ...{ name: "enceladus_id_token", value, domain: "127.0.0.1", path: "/" },
        ...{ httpOnly: true, secure: true, sameSite: "None" as const },
      },
    ]);

  it("signs in through the form and sees the page that was asked for", async () => {
    const answer = await page.goto(app("/enceladus/projects/on-screen?tab=1"));
    expect(new URL(page.url()).pathname).toBe("/oauth2/authorize");
    expect(answer?.headers()["content-security-policy"]).toContain("default-src 'none'");
    await fillIn();
    await page.waitForURL(app("/enceladus/projects/on-screen?tab=1"));
    await seeProjects();
    await page.getByText(/^Signed in since/).waitFor();
  });

  it("is asked again after a wrong password, where the cursor stands", async () => {
    await page.goto(app("/enceladus/"));
    await fillIn("wrong");
    await page.getByRole("alert").getByText("Incorrect username or password.").waitFor();
    await page.locator("input[name=password]:focus").waitFor();
    expect(await page.getByLabel("E-mail address").inputValue()).toBe(system.endpoints.users[0]?.username);
    await page.getByLabel("Password").fill(system.endpoints.users[0]?.password ?? "");
    await page.keyboard.press("Enter");
    await page.waitForURL(app("/enceladus/"));
  });

  it("has tokens that scripts cannot read, and a clock that they can", async () => {
    await signIn();
    expect(await page.evaluate("document.cookie")).toMatch(/^enceladus_session_at=\d{13}$/);
    expect(await cookie("enceladus_id_token")).toMatch(/^ey/);
    expect(await cookie("enceladus_refresh_token")).toMatch(/^ey/);
  });

  it("calls the API from the page, under a policy that allows nothing else", async () => {
    await signIn();
    const status = await page.evaluate("fetch('/api/v1/projects').then((answer) => answer.status)");
    expect(status).toBe(200);
    const elsewhere = `fetch('${system.endpoints.aws.cognito}/health').then(() => 'went', () => 'blocked')`;
    expect(await page.evaluate(elsewhere)).toBe("blocked");
    expect(complaints.splice(0)).not.toEqual([]);
  });

  it("does not notice that the token is over: the page renews it", async () => {
    await signIn();
    const before = await cookie("enceladus_id_token");
    const expired = await expiredIdToken(before ?? "");
    await replaceIdToken(expired);
    expect(await reloadList()).toBe(true);
    expect([before, expired]).not.toContain(await cookie("enceladus_id_token"));
  });

  it("does not notice either that the browser has dropped the token", async () => {
    await signIn();
    await context.clearCookies({ name: "enceladus_id_token" });
    await context.clearCookies({ name: "enceladus_session_at" });
    expect(await reloadList()).toBe(true);
    expect(await cookie("enceladus_id_token")).toMatch(/^ey/);
    expect(await cookie("enceladus_session_at")).toMatch(/^\d{13}$/);
  });

  it("comes back to a page without a question as long as the sign-in pages know them", async () => {
    await signIn();
    await replaceIdToken(await expiredIdToken((await cookie("enceladus_id_token")) ?? ""));
    await page.goto(app("/enceladus/projects/on-screen"));
    expect(page.url()).toBe(app("/enceladus/projects/on-screen"));
    await seeProjects();
  });

  it("is led to the sign-in when the session cannot be renewed", async () => {
    await signIn();
    await context.clearCookies();
    await page.getByRole("button", { name: "Reload the list" }).click();
    await seeSignIn();
  });

  it("signs out: the page asks again, and the old session is over for good", async () => {
    await signIn();
    const refreshToken = await cookie("enceladus_refresh_token");
    await page.getByRole("link", { name: "Sign out" }).click();
    await seeSignIn();
    await page.goto(app("/enceladus/"));
    await seeSignIn();
    expect(await cookie("enceladus_id_token")).toBeUndefined();
    const headers = { cookie: `enceladus_refresh_token=${refreshToken}` };
    const dead = await fetch(app("/api/v1/auth/refresh"), { method: "POST", headers });
    expect([dead.status, await dead.json()]).toMatchObject([401, { error: "refresh_failed" }]);
  });

  it("gets to the page without JavaScript too", async () => {
    await open({ javaScriptEnabled: false });
    await page.goto(app("/enceladus/"));
    await fillIn();
    await page.waitForURL(app("/enceladus/"));
    await page.locator("noscript p").waitFor();
    expect(await page.getByRole("button").count()).toBe(0);
    await page.getByRole("link", { name: "Sign out" }).click();
    await seeSignIn();
  });

  it("ends up at one address, whatever this machine was called", async () => {
    await page.goto(app("/enceladus/").replace("127.0.0.1", "localhost"));
    await fillIn();
    await page.waitForURL(app("/enceladus/"));
    await seeProjects();
  });
});
