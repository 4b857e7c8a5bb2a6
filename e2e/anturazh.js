// The real binary with a data folder of its own: made, filled, served, and removed again.

import { execFile, spawn } from "node:child_process";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const BINARY = process.env.ANTURAZH_BIN;

// Why tests of the real binary are left out, or false.
export const missing = BINARY ? false : "ANTURAZH_BIN names no binary";

export class Anturazh {
  // Serves `domain`; `commands` are further ones to run before, each a list of arguments. `configuration` is what is
  // added to `anturazh.toml`: a text, or what makes it of the data folder.
  static async start({ domain = "shop.example", commands = [], configuration = "" } = {}) {
    const server = new Anturazh();
    server.domain = domain;
    server.folder = await mkdtemp(join(tmpdir(), "anturazh-e2e-"));
    const { set_up } = await server.command("init");
    const added = typeof configuration === "function" ? configuration(server.folder) : configuration;
    await appendFile(join(server.folder, "anturazh.toml"), `\n${added}`);
    const { id } = await server.command("client", "add", "Shop");
    await server.command("site", "add", domain, "--client", id, "--timezone", "UTC", "--currency", "EUR");
    for (const command of commands) await server.command(...command);
    const { token } = await server.command("token", "create", "--site", domain, "--can", "read");
    Object.assign(server, { token, setUp: set_up });
    await server.serve();
    return server;
  }

  // Runs a command and gives what it printed as JSON.
  async command(...given) {
    const arguments_ = ["--data", this.folder, "--json", ...given.map(String)];
    const { stdout } = await promisify(execFile)(BINARY, arguments_);
    return stdout.trim() ? JSON.parse(stdout) : {};
  }

  serve() {
    this.child = spawn(BINARY, ["--data", this.folder, "serve", "--listen", "127.0.0.1:0"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    return new Promise((resolve, reject) => {
      const read = (chunk) => {
        said += chunk;
        const address = /listening on (http:\/\/\S+)/.exec(said)?.[1];
        if (address) resolve((this.address = address.replace(/\/$/, "")));
      };
      this.child.stdout.on("data", read);
      this.child.stderr.on("data", read);
      this.child.on("error", reject);
      this.child.on("exit", (code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
    });
  }

  // Asks `POST /api/v2/query` about today and gives the rows as lists: dimensions, then metrics.
  async query(metrics, dimensions = [], filters = []) {
    const question = { site_id: this.domain, metrics, dimensions, filters, date_range: "day" };
    const response = await fetch(`${this.address}/api/v2/query`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: JSON.stringify(question),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`the question was refused: ${JSON.stringify(answer)}`);
    return answer.results.map((row) => [...row.dimensions, ...row.metrics]);
  }

  async stop() {
    this.child?.kill("SIGTERM");
    if (this.child && this.child.exitCode === null) await new Promise((resolve) => this.child.on("exit", resolve));
    await rm(this.folder, { recursive: true, force: true });
  }
}
