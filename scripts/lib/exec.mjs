// Running other programs.

import { spawn, spawnSync } from "node:child_process";
import { root, targetDir } from "./paths.mjs";

/** A program ended with a failure; its own output says why. */
export class CommandFailed extends Error {
  constructor(command, args, reason) {
    super(`${[command, ...args].join(" ")}: ${reason}`);
    this.name = "CommandFailed";
  }
}

/** Runs a program in the checkout, its output passed through. */
export function run(command, args, { env = {}, quiet = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", quiet ? "ignore" : "inherit", quiet ? "ignore" : "inherit"],
      env: { ...process.env, ...env },
      ...options,
    });
    child.on("error", (error) => reject(new CommandFailed(command, args, error.message)));
    child.on("close", (code, signal) =>
      code === 0
        ? resolve()
        : reject(new CommandFailed(command, args, `ended with ${code ?? signal}`)),
    );
  });
}

/** Runs a program, passes its output on and gives it back as text, whatever its exit code. */
export function runAndRead(command, args, { env = {}, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      ...options,
    });
    let text = "";
    const collect = (sink) => (chunk) => {
      text += chunk;
      sink.write(chunk);
    };
    child.stdout.setEncoding("utf8").on("data", collect(process.stdout));
    child.stderr.setEncoding("utf8").on("data", collect(process.stderr));
    child.on("error", (error) => reject(new CommandFailed(command, args, error.message)));
    child.on("close", (code) => resolve({ code, text }));
  });
}

/** Output of a short command, or null where the program is missing or fails. */
export function read(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8", ...options });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** cargo with our build folder. */
export const cargo = (args, { env = {}, ...options } = {}) =>
  run("cargo", args, { env: { CARGO_TARGET_DIR: targetDir, ...env }, ...options });
