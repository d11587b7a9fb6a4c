// Debian packages.

import { read, run } from "./exec.mjs";

export const hasApt = () => read("apt-get", ["--version"]) !== null;

/** Which of `names` are not installed. */
export const missingPackages = (names) =>
  names.filter(
    (name) => read("dpkg-query", ["-W", "-f=${db:Status-Status}", name]) !== "installed",
  );

/** Installs `names`, with sudo where we are not root; sudo may ask for a password. */
export async function installPackages(names) {
  const sudo = process.getuid() === 0 ? [] : ["sudo"];
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, stdio: "inherit" };
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, "apt-get", "-q", ...args];
    return run(command, rest, options);
  };
  await apt("update");
  await apt("install", "--yes", "--no-install-recommends", ...names);
}
