// index.d.ts has the names of contract/, in camelCase: no more, no fewer, fields and arguments
// included.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import ts from "typescript";

/** @param {string} path */
const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const api = JSON.parse(read("contract/api.json"));
const schema = JSON.parse(read("contract/schema.json"));
const source = ts.createSourceFile("index.d.ts", read("leadkit-node/index.d.ts"), ts.ScriptTarget.Latest, true);

// The closed list of names that are not the camelCase of the contract's.
/** @type {Record<string, string>} */
const RENAMED = { CustomField: "CustomFieldDefinition", Status: "StatusDefinition" };
// Keywords that all long calls have are `Watched` here: onProgress and signal.
const WATCHED = ["progress", "cancel"];
// Structs that are no types of their own, and what they are here.
/** @type {Record<string, string>} */
const PLAIN = {
  Alternative: "written out in ColumnMapping",
  Assignment: "a name or an object of one way",
  ColumnTarget: "a name, a ColumnRule or null",
  ExportFormat: "written out in ExportOptions",
  FieldKind: "written out in CustomFieldDefinition",
  Filter: "its own type, with operators",
  IssueExample: "written out in IssueCount",
  LineIssue: "Issue and a line",
  MatchKey: "written out in ImportOptions",
  OnInvalid: "written out in ImportOptions",
  OnMatch: "written out in ImportOptions",
  Rejects: "a boolean or a path",
  Secret: "a text",
  SecretBytes: "bytes, or a text of Base64",
  Split: "written out in ColumnRule",
  Timestamp: "Date",
  Transform: "written out in ColumnRule",
  Unmapped: "written out in ImportOptions",
  ValueChange: "written out in LeadChange",
  WarningCode: "`unchanged` or a ConflictCode",
};

/** @param {string} name */
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/**
 * Declarations by name, those of `namespace testing` apart.
 * @type {Map<string, ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration>}
 */
const types = new Map();
/** @type {Map<string, ts.FunctionDeclaration>} */
const functions = new Map();
/** @type {Map<string, ts.FunctionDeclaration>} */
const testing = new Map();

/**
 * @param {ts.Node} node
 * @param {Map<string, ts.FunctionDeclaration>} into
 */
function collect(node, into) {
  ts.forEachChild(node, (child) => {
    if (ts.isModuleDeclaration(child) && child.body) collect(child.body, testing);
    if (ts.isFunctionDeclaration(child) && child.name) into.set(child.name.text, child);
    if (ts.isClassDeclaration(child) || ts.isInterfaceDeclaration(child) || ts.isTypeAliasDeclaration(child)) {
      if (child.name) types.set(child.name.text, child);
    }
  });
}
collect(source, functions);

/**
 * The named members of a class or interface; protocols (`[Symbol.iterator]`) have no such name.
 * @param {string} name
 * @returns {(ts.ClassElement | ts.TypeElement)[]}
 */
function members(name) {
  const type = types.get(RENAMED[name] ?? name);
  assert.ok(type && !ts.isTypeAliasDeclaration(type), `${name} is no class or interface`);
  const own = /** @type {ts.NodeArray<ts.ClassElement | ts.TypeElement>} */ (type.members).filter(
    (member) => member.name && ts.isIdentifier(member.name),
  );
  // What options extend is theirs too.
  const bases = ts.isInterfaceDeclaration(type) && name.endsWith("Options") ? (type.heritageClauses ?? []) : [];
  /** @type {(ts.ClassElement | ts.TypeElement)[]} */
  const inherited = bases.flatMap((clause) => clause.types.flatMap((base) => members(base.getText())));
  return [...inherited, ...own];
}

/** @param {ts.ClassElement | ts.TypeElement} member */
const isMethod = (member) => ts.isMethodDeclaration(member) || ts.isMethodSignature(member);
/** @param {ts.ClassElement | ts.TypeElement} member */
const nameOf = (member) => /** @type {ts.Identifier} */ (member.name).text;

/**
 * @param {string} name
 * @param {ts.SignatureDeclarationBase} call
 * @param {{ args: string[], options?: string, keywords?: string[] }} wanted
 */
function checkCall(name, call, wanted) {
  const parameters = call.parameters.map((parameter) => parameter.name.getText());
  const args = wanted.args.map(camel);
  assert.deepEqual(parameters.slice(0, args.length), args, name);
  const rest = call.parameters.slice(args.length);
  const keywords = (wanted.keywords ?? []).filter((keyword) => !WATCHED.includes(keyword));
  if (!wanted.options && !wanted.keywords) {
    assert.deepEqual(rest, [], name);
    return;
  }
  assert.equal(rest.length, 1, `${name} has one object of options`);
  const type = rest[0]?.type?.getText() ?? "";
  const options = wanted.options && (RENAMED[wanted.options] ?? wanted.options);
  const extended = types.get(type)?.getText() ?? "";
  if (options) assert.ok(type.includes(options) || extended.includes(`extends ${options}`), `${name}: ${type}`);
  if (wanted.keywords?.some((keyword) => WATCHED.includes(keyword))) assert.ok(type.includes("Watched"), name);
  for (const keyword of keywords) {
    assert.match(`${type} ${extended}`, new RegExp(`\\b${camel(keyword)}\\??:`), `${name}: ${keyword}`);
  }
}

test("functions", () => {
  assert.deepEqual([...functions.keys()].sort(), Object.keys(api.functions).map(camel).sort());
  for (const [name, wanted] of Object.entries(api.functions)) {
    checkCall(name, /** @type {ts.FunctionDeclaration} */ (functions.get(camel(name))), wanted);
  }
});

test("functions for the tests of hosts", () => {
  assert.deepEqual([...testing.keys()].sort(), Object.keys(api.testing).map(camel).sort());
  for (const [name, wanted] of Object.entries(api.testing)) {
    checkCall(name, /** @type {ts.FunctionDeclaration} */ (testing.get(camel(name))), wanted);
  }
});

for (const [name, wanted] of Object.entries(api.classes)) {
  test(`class ${name}`, () => {
    const there = members(name);
    const fields = Object.keys(schema.results[name]?.properties ?? {});
    // `cause` is of every Error.
    const properties = there.filter((member) => !isMethod(member)).map(nameOf).filter((word) => word !== "cause");
    assert.deepEqual(properties.sort(), [...wanted.properties, ...fields.filter(isNew)].map(camel).sort());
    const type = types.get(RENAMED[name] ?? name);
    const made = type && ts.isClassDeclaration(type) ? type.members.find(ts.isConstructorDeclaration) : undefined;
    const callable = made !== undefined && !made.modifiers?.some((m) => m.kind === ts.SyntaxKind.PrivateKeyword);
    assert.equal(callable, Object.hasOwn(wanted, "constructor"), name);
    if (made && callable) checkCall(`new ${name}`, made, /** @type {any} */ (wanted.constructor));
    const methods = there.filter(isMethod);
    assert.deepEqual(methods.map(nameOf).sort(), Object.keys(wanted.methods).map(camel).sort());
    for (const [member, call] of Object.entries(wanted.methods)) {
      const method = methods.find((each) => nameOf(each) === camel(member));
      checkCall(`${name}.${member}`, /** @type {ts.MethodSignature} */ (method), /** @type {any} */ (call));
    }

    /** @param {string} field */
    function isNew(field) {
      return !wanted.properties.includes(field);
    }
  });
}

for (const part of ["options", "results"]) {
  for (const [name, struct] of Object.entries(schema[part])) {
    if (name in PLAIN) continue;
    test(`${part}: ${name}`, () => {
      if (struct.oneOf?.some((/** @type {any} */ each) => each.properties)) {
        checkUnion(part, name, struct);
      } else if (struct.properties) {
        const fields = members(name).filter((member) => !isMethod(member)).map(nameOf);
        assert.deepEqual(fields.sort(), Object.keys(struct.properties).map(camel).sort());
      } else {
        const alias = types.get(name);
        assert.ok(alias && ts.isTypeAliasDeclaration(alias), `${name} is no type`);
        const words = [...alias.getText().matchAll(/"([\w-]+)"/g)].map((match) => match[1]);
        const wanted = [struct, ...(struct.oneOf ?? [])].flatMap((each) => each.enum ?? each.const ?? []);
        assert.deepEqual(words.sort(), wanted.sort());
      }
    });
  }
}

/**
 * An enum whose variants hold something: a union of objects that a tag tells apart.
 * @param {string} part
 * @param {string} name
 * @param {{ oneOf: any[] }} struct
 */
function checkUnion(part, name, { oneOf }) {
  const wanted = new Set();
  const tags = [];
  for (const variant of oneOf) {
    const inner = variant.$ref ? schema[part][variant.$ref.split("/").at(-1)].properties : {};
    for (const field of Object.keys({ ...variant.properties, ...inner })) wanted.add(camel(field));
    tags.push(...Object.values(variant.properties).flatMap((/** @type {any} */ field) => field.const ?? []));
  }
  const alias = types.get(name);
  assert.ok(alias && ts.isTypeAliasDeclaration(alias), `${name} is no type`);
  const found = new Set();
  let text = alias.getText();
  ts.forEachChild(alias.type, function visit(node) {
    if (ts.isPropertySignature(node)) {
      // What a field holds is a type of its own.
      found.add(node.name.getText());
      return;
    }
    if (ts.isTypeReferenceNode(node)) {
      for (const member of members(node.getText())) found.add(nameOf(member));
      text += types.get(node.getText())?.getText();
    }
    ts.forEachChild(node, visit);
  });
  assert.deepEqual([...found].sort(), [...wanted].sort(), name);
  for (const tag of tags) assert.ok(text.includes(`"${tag}"`), `${name}: ${tag}`);
}

test("nothing is renamed or left out without need", () => {
  for (const name of [...Object.keys(PLAIN), ...Object.keys(RENAMED)]) {
    assert.ok(schema.options[name] || schema.results[name], `${name} is no struct of the core`);
  }
  const words = read("leadkit-node/index.d.ts");
  for (const [name, part] of /** @type {[string, string][]} */ ([["Alternative", "results"], ["IssueExample", "results"], ["Split", "options"], ["ValueChange", "results"]])) {
    for (const field of Object.keys(schema[part][name].properties)) {
      assert.match(words, new RegExp(`\\b${camel(field)}\\??: `), `${name}.${field}`);
    }
  }
});
