import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../../../www/src/engine/catalogue";
import {
  aboutFrom,
  aboutLocal,
  aboutUrl,
  licenceFrom,
} from "../../../../www/src/engine/store/about";
import { sourceIn } from "../../../../www/src/engine/model-store";
import { addressFrom, nameFrom, nameFromHeader } from "../../../../www/src/engine/store/names";
import { quotaProblem } from "../../../../www/src/engine/store/sentences";

/** Never read here. */
const handle = {} as FileSystemFileHandle;

function part(name: string, text: string) {
  return { name, file: new File([text], "model.safetensors", { lastModified: 2 }) };
}

const url = "https://example.org/models/a%20b.safetensors?download=true";

describe("an entry of the index", () => {
  it("comes back as it was written", () => {
    const about = { ...aboutUrl({ url, bytes: 5 }), complete: true, stored: 5 };
    expect(aboutFrom(JSON.stringify(about), 5)).toEqual(about);
    expect(about.name).toBe("a b.safetensors");
  });

  it("is not complete when bytes are missing", () => {
    const about = { ...aboutUrl({ url, bytes: 5 }), complete: true };
    expect(aboutFrom(JSON.stringify(about), 4)).toMatchObject({ complete: false, stored: 4 });
  });

  it("that was cut off in the middle is none", () => {
    for (const text of ["", "{", "[]", "null", '{"id":1}']) expect(aboutFrom(text, 0)).toBeNull();
  });

  it("has the same id in every tab, and another one for another file", () => {
    expect(aboutUrl({ url }).id).toBe(aboutUrl({ url }).id);
    const local = (text: string) =>
      aboutLocal({ name: "a", parts: [part("a", text)], manifest: null });
    expect(local("x").id).toBe(local("x").id);
    expect(local("xy").id).not.toBe(local("x").id);
  });

  it("of a pipeline has its files one after the other, and what its settings say", () => {
    const manifest = { name: "sd", file: "", prediction: "v" } as const;
    const parts = [part("unet/a", "12345"), part("vae/a", "123")];
    const about = { ...aboutLocal({ name: "sd", parts, manifest }), complete: true, stored: 8 };
    expect(about).toMatchObject({ bytes: 8, parts: [{ bytes: 5 }, { name: "vae/a", bytes: 3 }] });
    expect(aboutFrom(JSON.stringify(about), 8)).toEqual(about);
    expect(sourceIn(about, handle)).toMatchObject({
      from: "parts",
      name: "sd",
      parts: [
        { name: "unet/a", range: { begin: 0, bytes: 5 } },
        { name: "vae/a", range: { begin: 5, bytes: 3 } },
      ],
    });
    const odd = { ...about, parts: [{ name: "unet/a", bytes: 4 }], manifest: "x" };
    expect(aboutFrom(JSON.stringify(odd), 8)).toMatchObject({ complete: false, manifest: null });
  });

  it("takes a licence only with an address to read it at", () => {
    expect(licenceFrom({ name: "MIT", url: "https://a.b" })).toEqual({
      name: "MIT",
      url: "https://a.b",
    });
    expect(licenceFrom({ name: "MIT", url: "javascript:alert(1)" })).toBeNull();
  });
});

describe("an address", () => {
  it("is taken as typed, and a page of Hugging Face becomes its file", () => {
    expect(addressFrom(` ${url} `)).toEqual({ url });
    expect(addressFrom("https://huggingface.co/a/b/blob/main/c.safetensors#x")).toEqual({
      url: "https://huggingface.co/a/b/resolve/main/c.safetensors",
    });
    const sum = "A".repeat(64);
    expect(addressFrom(`${url}#sha256=${sum}`)).toEqual({ url, sha256: sum.toLowerCase() });
  });

  it("that cannot be used gives a sentence", () => {
    expect(addressFrom("")).toEqual({ problem: "Paste the address of a .safetensors file." });
    expect(addressFrom("ftp://a.b/c")).toHaveProperty("problem");
    expect(addressFrom("https://a.b/c.ckpt")).toHaveProperty("problem");
    expect(addressFrom(`${url}#sha256=12`)).toHaveProperty("problem");
  });

  it("names its file, unless the server does", () => {
    expect(nameFrom("https://a.b/")).toBe("model");
    expect(nameFrom("https://a.b/%E0%A4%A")).toBe("%E0%A4%A");
    expect(nameFromHeader('attachment; filename="x.safetensors"')).toBe("x.safetensors");
    expect(nameFromHeader("attachment; filename*=UTF-8''%C3%A4.safetensors")).toBe("ä.safetensors");
    expect(nameFromHeader('attachment; filename="../../x"')).toBe("x");
    expect(nameFromHeader(null)).toBeNull();
  });
});

describe("the quota", () => {
  it("is said in a sentence when a model does not fit", () => {
    const space = { usage: 1e9, quota: 3e9 };
    expect(quotaProblem("a", 1.9e9, space)).toBeNull();
    expect(quotaProblem("a", 2e9, space)).toBe(
      "“a” needs 2.00 GB, but the browser gives this page only 1.95 GB more. Delete a stored model or free space on the disk.",
    );
    expect(quotaProblem("a", 1e12, { usage: 0, quota: 0 }), "nobody can tell").toBeNull();
  });
});

describe("the catalogue", () => {
  it.each(CATALOGUE)("$title can be downloaded and says its licence", (entry) => {
    expect(addressFrom(entry.url)).toEqual({ url: entry.url });
    expect(licenceFrom(entry.licence)).toEqual(entry.licence);
    if (entry.sha256 !== undefined) expect(entry.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});
