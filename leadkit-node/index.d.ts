/**
 * leadkit: an embeddable lead data engine. Files of leads come in, are cleaned, matched and stored
 * in SQLite, and go out again.
 *
 * Functions, options and properties are lowerCamelCase. Names of fields are data and the same in
 * every language: `first_name` in filters, `fields`, mappings, `add`, `update` and issues, and
 * `lead.firstName` on a lead. Whatever touches files or the database returns a promise; the work
 * runs on threads of its own. Every failure is a {@link LeadkitError}.
 *
 * @example
 * import { open } from "leadkit";
 *
 * const db = await open("leads.db");
 * const report = await db.importLeads("leads.csv", { defaultCountry: "DE" });
 * console.log(`${report.created} new, ${report.merged} merged, ${report.rejected} rejected`);
 * await report.saveHtml("leads.report.html");
 * await db.close();
 */

// --- Opening ---------------------------------------------------------------------------------

/**
 * Opens or makes a database: a path, a `sqlite:` URL, a `file:` URL, or `:memory:`.
 *
 * @param url `leads.db` when left out.
 * @throws {LeadkitError} `unsupported_store`, `is_directory`, `file_not_found` (the folder),
 * `permission_denied`, `read_only`, `not_a_database`, `corrupt`, `schema_too_new`, `busy`, `io`;
 * `invalid_argument` and `unknown_option` for options.
 *
 * @example
 * const db = await open(":memory:");
 * console.log(await db.leads.count()); // 0
 */
export function open(url?: string | URL, options?: OpenOptions): Promise<Database>;

/** Options of {@link open}. */
export interface OpenOptions {
  /** Who acts, for the log of operations. */
  actor?: string | null;
  /** Why, for the log of operations. */
  reason?: string | null;
  /** Threads of the database's own pool; 0 takes one for each core but the writer's. */
  threads?: number;
  /** Seconds to wait for another process's writing; 0 takes 10. */
  busyTimeout?: number;
  /** Opens an existing database for reading only. */
  readOnly?: boolean;
  /**
   * The tenant whose leads these are: a schema in PostgreSQL, small letters, digits and `_`, 48 at
   * most; other stores refuse it. `public` is the default.
   */
  tenant?: string | null;
  /** Days for which an operation can be taken back; 0 takes 30. */
  undoDays?: number;
  /** Changed leads behind an operation until which it can be taken back; 0 takes 10 million. */
  undoChanges?: number;
  /** Leads above which a bulk operation wants their number typed; 0 takes 10,000. */
  confirmAbove?: number;
  /**
   * Your keys, the current one first: the audit is chained with it, and fingerprints are made with it; the others
   * only recognise what was made before. None by default; they are never stored.
   */
  keys?: Key[];
}

/** A key of yours. To rotate, put a new one in front and leave the old ones behind it. */
export interface Key {
  /** Its name: letters, digits, `-`, `_` and `.`, 64 at most. It stands for one secret for ever. */
  id: string;
  /** At least 32 random bytes, such as `randomBytes(32)`; as text they are Base64. */
  secret: Uint8Array | string;
}

/**
 * A database of leads. Any number of calls may run at once.
 *
 * A process that ends with a database open, or an import at work, loses nothing: whole batches
 * stay, and the same import goes on from there.
 */
export class Database {
  private constructor();

  /** The database's file; null for one in memory. */
  readonly path: string | null;
  /** The leads: add, get, find, iterate, count, update, history. */
  readonly leads: Leads;
  /** Custom fields: define, list, archive. */
  readonly fields: Fields;
  /** Operations on many leads: planned, looked at, run; `operations.undo` takes them back. */
  readonly bulk: Bulk;
  /** The list of statuses and the ways between them. */
  readonly statuses: Statuses;
  /** Messages to leads and from them. */
  readonly comms: Comms;
  /** Who may be contacted, by what, and why. */
  readonly consent: Consent;
  /** What the law asks about a person's data: export, erasure, retention. */
  readonly privacy: Privacy;
  /** The switches: whether anything is sent, and by what. */
  readonly settings: SettingsRoom;
  /** Texts for messages and calls, by name and version. */
  readonly templates: Templates;
  /** What was done with the data, by whom, in a chain that shows what was changed in it. */
  readonly audit: Audit;
  /** What happens by itself. */
  readonly automations: Automations;
  /** Schedules with names, which automations keep to. */
  readonly schedules: Schedules;
  /** What was done to this database: imports, exports, edits, bulk operations, undos. */
  readonly operations: Operations;

  /**
   * The same database, acting as somebody else: the log of operations names them. Nothing is
   * opened, so this is no promise.
   *
   * With a profile it is a view: whatever it reads is masked as `settings.profiles` say, whichever way it is
   * read, and what would tell more fails with `access_denied`. The profile is looked up with each call: one
   * that was tightened holds from the next call on, and one that is not there lets nothing through
   * (`not_found`). A view of a view keeps to both profiles.
   *
   * @example
   * const mia = db.asActor("mia", { reason: "trade fair list" });
   * const ada = await mia.leads.add({ email: "ada@example.org" });
   * const [last] = await db.operations.list({ limit: 1 });
   * console.log(last.actor); // "mia"
   *
   * const support = { fields: { email: "mask" }, others: "show" } as const;
   * await db.settings.set({ profiles: { support } });
   * const seen = await db.asActor("tom", { profile: "support" }).leads.get(ada.id);
   * console.log(seen?.email); // "a…@example.org"
   */
  asActor(id: string, options?: { reason?: string | null; profile?: string | null }): this;

  /**
   * Imports a file of leads: finds out its encoding, dialect and columns, cleans every value,
   * matches rows with leads and with each other, and writes what is new. Rows that cannot be leads
   * are handed back in a file of rejects, with the reasons; they are data in the report, not errors.
   *
   * @param source A path, bytes, or a stream; see {@link Source}.
   * @throws {LeadkitError} `file_not_found`, `is_directory`, `permission_denied`, `io`, `disk_full`,
   * `empty_source`, `no_records`, `not_a_table`, `no_mappable_column`, `unknown_column`,
   * `unknown_field`, `unknown_option`, `invalid_argument`, `invalid_value`, `file_exists` (the file
   * of rejects), `operation_running`, `busy`, `read_only`, `closed`, and `cancelled` when `signal`
   * aborts. The error of a stream, or of `onProgress`, is thrown as it is.
   *
   * @example
   * const report = await db.importLeads("leads.csv", {
   *   defaultCountry: "DE",
   *   mapping: { "Firma (neu)": "company", Intern: null },
   *   onProgress: ({ done, total }) => console.log(`${done} of ${total} bytes`),
   * });
   *
   * @example
   * // From the network, in flat memory:
   * const { body } = await fetch(url);
   * await db.importLeads(body, { name: "nightly" });
   */
  importLeads(source: Source, options?: ImportOptions & Watched): Promise<ImportReport>;

  /**
   * Reads the first rows of a file and says what an import would do; writes nothing.
   *
   * @throws {LeadkitError} As {@link Database.importLeads}.
   */
  previewImport(source: Source, options?: ImportOptions & Watched): Promise<ImportPreview>;

  /**
   * Writes leads to a CSV or Excel file, replacing it atomically.
   *
   * @throws {LeadkitError} `unknown_field`, `invalid_filter`, `invalid_argument`, `is_directory`,
   * `file_not_found` (the folder), `permission_denied`, `disk_full`, `cancelled`, `io`; the target
   * stays as it was.
   *
   * @example
   * await db.exportLeads("new.xlsx", { filter: { status: "new" }, fields: ["full_name", "email"] });
   */
  exportLeads(target: string | URL, options?: ExportOptions & Watched): Promise<ExportReport>;

  /**
   * Does all that is due by now: automations and schedules; with a transport, and while sending is on, the outbox
   * and what is to be found out about messages; once a day the rules of retention, which are only looked at the
   * first time after they were changed. Says what it did, and in `nextAt` when to call it next.
   *
   * Nothing happens between its calls. Several processes may call it at once: each step is done by one of them. A
   * `signal` stops it between transactions; what was done stays done, and the next call goes on.
   *
   * @param transport A {@link Twilio}, or an object of your own, see {@link Transport}; none sends nothing.
   * @throws {LeadkitError} `access_denied` for a view; `conflict` for a transport of another account;
   * `cancelled`; `unknown_option`.
   *
   * @example
   * const report = await db.tick(twilio);
   * console.log(report.started, report.finished, report.nextAt);
   */
  tick(
    transport?: Twilio | Transport | null,
    options?: TickOptions & Pick<Watched, "signal">,
  ): Promise<TickReport>;

  /**
   * Looks at the database: structure, size, operations that wait. Damage that was found is no error:
   * `ok` is false, and `damage` says what it is.
   *
   * @example
   * const { ok, damage, unfinished } = await db.health({ thorough: true });
   */
  health(options?: HealthOptions): Promise<Health>;

  /**
   * Writes a copy of the database, as of one moment, to a new file, while others read and write it.
   * To restore it, close the database and put the copy in its place.
   *
   * @throws {LeadkitError} `file_exists`, `file_not_found` (the folder), `permission_denied`,
   * `disk_full`, `io`; `unsupported_store` where the store has tools of its own.
   */
  backup(path: string | URL): Promise<BackupReport>;

  /**
   * Copies everything to another, empty database of any kind, as of one moment: leads with their ids
   * and revisions, the log, definitions. The copy is read again and compared; interrupted, it stays
   * incomplete and is refused as a target.
   *
   * @throws {LeadkitError} `already_exists` for a target that holds something; `corrupt` when the
   * copy differs; `cancelled`; those of {@link open}.
   */
  copyTo(url: string | URL, options?: CopyOptions & Watched): Promise<CopyReport>;

  /** Closes the file; later calls answer `closed`. */
  close(): Promise<void>;

  /** `await using db = await open()` closes the database at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of {@link Database.health}. */
export interface HealthOptions {
  /** Reads everything, indexes included; minutes on a large database. */
  thorough?: boolean;
}

/**
 * What was done with the data, by whom, `db.audit`: a chain that only grows and shows whatever was changed in it.
 *
 * It holds ids and keyed fingerprints, nothing of people's; who acts stands there as `asActor` was told: name
 * colleagues by ids. Why something was done is in the log of operations only, which can forget it when a person is
 * erased. Without `keys` it is a chain all the same, which whoever writes to the database could make anew. A database
 * that is only read enters nothing.
 */
export interface Audit {
  /**
   * Entries, the newest first.
   *
   * @throws {LeadkitError} `invalid_argument` for a cursor that no page gave.
   */
  entries(options?: AuditListOptions): Promise<Page<AuditEntry>>;

  /**
   * Looks at every entry: whether each is as it was made, and none is missing, put elsewhere or added. What was cut
   * off at the end is found as far as the checkpoint reaches. What is found wrong is no error: `state` and `problems`
   * say it.
   *
   * @throws {LeadkitError} `invalid_argument` for a checkpoint that none can be.
   *
   * @example
   * const checkpoint = await db.audit.checkpoint(); // kept elsewhere
   * const report = await db.audit.verify({ checkpoint });
   * if (!report.ok) console.error(report.state, report.problems);
   */
  verify(options?: AuditVerifyOptions): Promise<AuditReport>;

  /** Where the chain stands, to be kept elsewhere: what it names cannot be taken away unseen. */
  checkpoint(): Promise<AuditCheckpoint>;
}

/** What kind of thing was done. */
export type AuditKind =
  | "operation"
  | "export"
  | "send"
  | "consent"
  | "setting"
  | "template"
  | "erasure"
  | "hold"
  | "access";

/** What a look at the whole chain came to. */
export type AuditState = "verified" | "unkeyed" | "broken" | "key_missing";

/** What is wrong at a place of the chain. */
export type AuditProblemKind = "altered" | "unlinked" | "missing" | "truncated" | "replaced";

/** Options of {@link Audit.entries}. */
export interface AuditListOptions {
  /** Only entries of this kind. */
  kind?: AuditKind | null;
  /** Only entries of this actor. */
  actor?: string | null;
  /** Only entries of this instant or later. */
  since?: Date | string | null;
  /** Only entries before this instant. */
  until?: Date | string | null;
  /** How many at most; 100 when 0. */
  limit?: number;
  /** Goes on after the page that gave this `nextCursor`. */
  cursor?: string | null;
}

/** Options of {@link Audit.verify}. */
export interface AuditVerifyOptions {
  /** What `db.audit.checkpoint` gave before, and was kept elsewhere. */
  checkpoint?: AuditCheckpoint | null;
}

/** An entry of the audit. It holds ids and keyed fingerprints, and nothing of people's. */
export interface AuditEntry {
  /** Its gapless number, from 1. */
  seq: number;
  /** When. */
  at: Date;
  /**
   * What kind of thing was done, one of {@link AuditKind}; in an entry that somebody changed it may be any text.
   */
  kind: string;
  /** Who, as the host named them. */
  actor: string | null;
  /**
   * Which operation, revision, leads, messages, entries of the consent ledger: their ids; addresses as fingerprints
   * under the entry's key. Null in an entry that somebody made unreadable.
   */
  detail: Record<string, unknown>;
  /** The key that chains it; null where there was none. */
  keyId: string | null;
  /** The `mac` of the entry before; empty for the first. */
  previous: string;
  /** HMAC-SHA-256 of all the above under the key, or their SHA-256 where there was none; 64 hexadecimal digits. */
  mac: string;
}

/** Where the chain stood at some moment. Kept elsewhere, it proves that nothing before it was taken away. */
export interface AuditCheckpoint {
  /** The last entry's number; 0 of an empty chain. */
  seq: number;
  /** Its `mac`; empty of an empty chain. */
  mac: string;
  /** The key that made it. */
  keyId: string | null;
  /** When that entry was made; of an empty chain, when it was asked. JSON's text of it is taken too. */
  at: Date | string;
}

/** A problem of the chain. */
export interface AuditProblem {
  /** The number of the entry. */
  seq: number;
  /** What is wrong there. */
  kind: AuditProblemKind;
}

/** What a look at the whole chain found. */
export interface AuditReport {
  /** Whether the state is `verified`. */
  ok: boolean;
  /**
   * `verified`: every entry since the first one with a key is as it was made, and none is missing; `unkeyed`: entries
   * were made without a key, and whoever can write to the database can make such a chain anew; `broken`: something
   * was changed, removed, put elsewhere or added; `key_missing`: the chain holds as far as can be seen, but a key that
   * made some of it was not given.
   */
  state: AuditState;
  /** How many entries there are. */
  entries: number;
  /** How many of them were made without a key. */
  unkeyed: number;
  /** Ids of keys that made entries and were not given to `open`. */
  missingKeys: string[];
  /** The first 100 problems, in their order. */
  problems: AuditProblem[];
  /** Where the chain stands now: the next checkpoint to be kept. */
  head: AuditCheckpoint;
}

/** What is left of a budget. */
export interface BudgetState {
  /** Its name. */
  budget: string;
  /** What is spent and reserved of it. */
  spent: Money;
  /** The whole of it. */
  amount: Money;
  /** When it begins anew; null for one that never does. */
  endsAt: Date | null;
}

/** How the outbox is: what waits, what is not known, what failed, what was spent. */
export interface OutboxHealth {
  /** Whether anything may be sent at all. */
  sending: boolean;
  /** How many messages wait to be handed over. */
  waiting: number;
  /**
   * Since when the oldest of those is due; null when nothing is due. With sending switched on, somebody should have
   * handed it over.
   */
  dueSince: Date | null;
  /** How many messages went out, or did not: nobody knows. */
  unknown: number;
  /** When the oldest of those was to go out. */
  unknownSince: Date | null;
  /** How many messages of the last seven days went out. */
  sent: number;
  /** How many of those failed at their end. */
  failed: number;
  /**
   * How many messages of the last seven days were refused, by us or by the provider, and are dead unless somebody
   * queues them anew.
   */
  refused: number;
  /** How many people of the last seven days said STOP, or the provider says so. */
  optOuts: number;
  /** `optOuts` by `sent`; null when nothing went out. */
  optOutRate: number | null;
  /** Each budget, in its present period. */
  budgets: BudgetState[];
}

/** How a database is. */
export interface Health {
  /** Whether all is well: no damage, and nothing waits for somebody. */
  ok: boolean;
  /** The kind of store: `sqlite`, `postgres`, `memory`. */
  store: string;
  /** The version of its schema. */
  schema: number;
  /** What a check of its structure found; empty when it is sound. */
  damage: string[];
  /** How many leads there are, deleted ones left out. */
  leads: number;
  /** The last revision. */
  rev: number;
  /** How many bytes it takes. */
  bytes: number;
  /** How many bytes of a write-ahead log wait to be folded in. */
  logBytes: number;
  /**
   * Operations that were interrupted or failed, and wait to be gone on with or taken back: the
   * newest 100 ids.
   */
  unfinished: number[];
  /**
   * How many bytes its disk has left for it; null where there is no disk of ours, and where the platform does not tell.
   */
  freeBytes: number | null;
  /** What waits to be sent, what is not known, what failed, what was spent. */
  outbox: OutboxHealth;
  /** Where the audit stands. Whether its entries are chained by a key, `keyId` says. */
  audit: AuditCheckpoint;
  /** When this was found. */
  at: Date;
}

/** What was backed up. */
export interface BackupReport {
  /** The file. */
  path: string;
  /** Its size. */
  bytes: number;
  /** The last revision it holds. */
  rev: number;
}

/** Options of {@link Database.copyTo}. */
export interface CopyOptions {
  /** The tenant that the copy becomes, on stores that have tenants. */
  tenant?: string | null;
}

/** What was copied, and that it is the same. */
export interface CopyReport {
  /** The kind of store it went to. */
  store: string;
  /** How many records: leads, operations, commits, changes and definitions. */
  records: number;
  /** How many of them are leads. */
  leads: number;
  /** BLAKE3 of all records, in hexadecimal: read again from the copy, it was the same. */
  hash: string;
}

// --- Leads -----------------------------------------------------------------------------------

/** The leads of a database. */
export interface Leads {
  /**
   * Adds one lead; values are normalised and validated as in an import.
   *
   * @param values By field name, in snake_case: `{ first_name: "Ada", "custom.plan": "pro" }`.
   * @throws {LeadkitError} `unknown_field`; `invalid_value`, naming the field and the rule;
   * `already_exists` when a lead with this external id or email is there.
   *
   * @example
   * const lead = await db.leads.add({ email: "Ada@Lovelace.ORG", first_name: "ada" });
   * console.log(lead.id, lead.email, lead.firstName);
   */
  add(values: Values): Promise<Lead>;

  /** The lead of an id; null when there is none, or it was deleted. */
  get(id: number): Promise<Lead | null>;

  /**
   * The first lead that the filter finds; null when there is none.
   *
   * @throws {LeadkitError} `unknown_field`, `invalid_filter`, `invalid_argument`.
   */
  first(filter?: Filter | null, options?: FindOptions): Promise<Lead | null>;

  /**
   * A page of the leads that the filter finds.
   *
   * @throws {LeadkitError} `unknown_field`, `invalid_filter`, `invalid_argument`.
   *
   * @example
   * const page = await db.leads.find({ status: "new", score: { gte: 10 } }, { orderBy: ["-score"] });
   * for (const lead of page) console.log(lead.fullName);
   */
  find(filter?: Filter | null, options?: FindOptions): Promise<Page<Lead>>;

  /**
   * All leads that the filter finds, read in pages: memory stays flat, and no lock is held between
   * pages. What is wrong with the filter is thrown by the first step.
   *
   * @example
   * for await (const lead of db.leads.iterate({ country: { in: ["DE", "AT"] } })) console.log(lead.email);
   */
  iterate(filter?: Filter | null, options?: FindOptions): AsyncIterableIterator<Lead>;

  /**
   * How many leads the filter finds.
   *
   * @throws {LeadkitError} `unknown_field`, `invalid_filter`.
   */
  count(filter?: Filter | null): Promise<number>;

  /**
   * Changes some fields of a lead: `null` clears, fields that are not named (or `undefined`) stay.
   *
   * @throws {LeadkitError} `not_found`; otherwise as {@link Leads.add}.
   */
  update(id: number, values: Values): Promise<Lead>;

  /**
   * Restores a deleted lead with all its values; one that is not deleted stays as it is.
   *
   * @throws {LeadkitError} `not_found`; `already_exists` when another lead has its external id or
   * email by now.
   */
  restore(id: number): Promise<Lead>;

  /**
   * Everything that is known of a lead, and why: where each value came from, what was there before, every
   * contact, and by what the person may be contacted now, as `dispatch` would decide it. Deleted leads and
   * merged ones are explained too.
   *
   * @throws {LeadkitError} `not_found`.
   *
   * @example
   * const { id } = await db.leads.add({ email: "ada@example.org" });
   * const why = await db.leads.explain(id);
   * console.log(why.fields[0].field, why.fields[0].origin?.kind); // "email" "add"
   * await why.saveHtml("ada.html");
   */
  explain(id: number, options?: ExplainOptions): Promise<LeadExplanation>;

  /**
   * Every change of a lead, the newest first: when, by whom, by which operation, and each field's
   * value before and after.
   *
   * @throws {LeadkitError} `not_found`.
   */
  history(id: number): Promise<LeadChange[]>;
}

/** The standard fields, by their names in filters, mappings, values, issues and files. */
export type StandardField =
  | "external_id"
  | "salutation"
  | "first_name"
  | "middle_name"
  | "last_name"
  | "full_name"
  | "email"
  | "emails"
  | "phone"
  | "phone_extension"
  | "phones"
  | "company"
  | "job_title"
  | "website"
  | "street"
  | "city"
  | "state"
  | "postal_code"
  | "country"
  | "time_zone"
  | "language"
  | "source"
  | "status"
  | "owner"
  | "score"
  | "tags"
  | "notes"
  | "created_at"
  | "updated_at";

/** A standard field, or `custom.` and the key of a custom one. */
export type FieldName = StandardField | `custom.${string}`;

/** One value of a field. A `Date` is taken as its instant. */
export type Value = string | number | bigint | boolean | Date | string[] | null;

/** Values by field name, in snake_case. */
export type Values = { [name in FieldName]?: Value };

/**
 * A lead: one person, or one company, that somebody may sell to. Texts are as people wrote them,
 * cleaned; `email` and `phone` are canonical. What is empty is null, or an empty array.
 */
export interface Lead {
  /** The key in this database: allotted in commit order, never used twice. */
  id: number;
  /** The revision of the commit that last changed the lead. */
  rev: number;
  /** The lead's key in the system it comes from. */
  externalId: string | null;
  /** Form of address: Mr, Dr, Frau. */
  salutation: string | null;
  /** Given name. */
  firstName: string | null;
  /** Middle names or initials. */
  middleName: string | null;
  /** Family name. */
  lastName: string | null;
  /** The name as one text, in the order in which it is written. */
  fullName: string | null;
  /** The primary email address, canonical. */
  email: string | null;
  /** Further email addresses. */
  emails: string[];
  /** The primary phone number in E.164. */
  phone: string | null;
  /** The extension dialled after the primary number. */
  phoneExtension: string | null;
  /** Further phone numbers in E.164. */
  phones: string[];
  /** The company's name as written. */
  company: string | null;
  /** The position held. */
  jobTitle: string | null;
  /** The web address. */
  website: string | null;
  /** Street, number and unit. */
  street: string | null;
  /** City or town. */
  city: string | null;
  /** State, province or region. */
  state: string | null;
  /** Postal code, as written: leading zeros stay. */
  postalCode: string | null;
  /** Country, ISO 3166-1 alpha-2. */
  country: string | null;
  /** IANA time zone. */
  timeZone: string | null;
  /** Language, BCP 47. */
  language: string | null;
  /** Where the lead came from. */
  source: string | null;
  /** Where the lead stands, from the status list. */
  status: string | null;
  /** Who works the lead. */
  owner: string | null;
  /** A number that ranks the lead. */
  score: number | null;
  /** Words attached to the lead. */
  tags: string[];
  /** Free text. */
  notes: string | null;
  /** When the lead came into being. */
  createdAt: Date;
  /** When the lead was last changed. */
  updatedAt: Date;
  /** Values of custom fields, by key. */
  custom: Record<string, Value>;
  /** Texts that normalising changed, as they came, by field name. */
  original: Record<string, string>;
  /** When the lead was deleted; a deleted lead is found only with `includeDeleted`. */
  deletedAt: Date | null;
  /** The lead that this one was merged into. */
  mergedInto: number | null;
}

/** One change of a lead, as its history shows it. */
export interface LeadChange {
  /** The revision of the commit. */
  rev: number;
  /** When it happened. */
  at: Date;
  /** The operation that did it. */
  operationId: number;
  /** What that operation was. */
  kind: OperationKind;
  /** Who did it. */
  actor: string | null;
  /** Why. */
  reason: string | null;
  /** Whether the lead came into being here; then `fields` holds its first values. */
  created: boolean;
  /** By field name: the value before and after; null is empty. */
  fields: Record<string, { before: Value; after: Value }>;
}

/** Options of `find`, `first` and `iterate`. */
export interface FindOptions {
  /** The order: field names, `-` in front for descending; by id when left out. */
  orderBy?: string[];
  /** How many at most; 100 in `find` when 0, all in `iterate`. */
  limit?: number;
  /** Goes on after the page that gave this `nextCursor`. */
  cursor?: string | null;
  /** Finds deleted leads too. */
  includeDeleted?: boolean;
}

/** A page of results; iterates over its items. */
export class Page<T> implements Iterable<T> {
  private constructor();

  /** The results. */
  readonly items: T[];
  /** Give this as `cursor` for the next page; null on the last one. */
  readonly nextCursor: string | null;
  [Symbol.iterator](): IterableIterator<T>;
}

// --- Filters ---------------------------------------------------------------------------------

/** What a field is compared with; times also as `{ ago: "14d" }`, with the units s, m, h, d, w. */
export type Operand = string | number | bigint | boolean | Date | { ago: string };

/** A value to equal, or tests that must all hold. */
export type FieldCondition =
  | Operand
  | {
      /** Equal. Texts compare folded: case, accents and blanks do not matter. */
      eq?: Operand;
      /** Not equal, and not empty. */
      ne?: Operand;
      /** One of several. */
      in?: Operand[];
      /** Not one of several, and not empty. */
      not_in?: Operand[];
      /** Greater than. */
      gt?: Operand;
      /** Greater than or equal. */
      gte?: Operand;
      /** Less than. */
      lt?: Operand;
      /** Less than or equal. */
      lte?: Operand;
      /** From a value to a value, both included. */
      between?: [Operand, Operand];
      /** The text holds this text. */
      contains?: string;
      /** The text begins with this text. */
      starts_with?: string;
      /** The list holds this element. */
      has?: Operand;
      /** `true`: the field holds nothing; `false`: it holds something. */
      is_null?: boolean;
    };

/**
 * Which leads; `{}` is all of them. All entries must hold. A field that holds nothing passes no
 * test but `is_null`; `not` is the exact complement, so it finds such leads.
 *
 * @example
 * const filter: Filter = {
 *   status: "new",
 *   country: { in: ["DE", "AT"] },
 *   created_at: { gte: { ago: "14d" } },
 *   or: [{ score: { gte: 10 } }, { "custom.plan": "pro" }],
 * };
 */
export type Filter = { [name in FieldName | "id" | "rev"]?: FieldCondition } & {
  /** All of these must hold. */
  and?: Filter[];
  /** One of these must hold. */
  or?: Filter[];
  /** This must not hold. */
  not?: Filter;
  /** `true`: all leads, said explicitly. */
  all?: true;
};

// --- Custom fields and statuses --------------------------------------------------------------

/** Custom fields: what a business keeps about leads beyond the standard fields. */
export interface Fields {
  /**
   * Defines a field, or changes the label, choices or archived state of one. The same definition
   * again changes nothing.
   *
   * @throws {LeadkitError} `invalid_argument` for a key, kind or choices out of the rules;
   * `already_exists` when the key stands for another kind: values would no longer fit.
   *
   * @example
   * await db.fields.define({ key: "plan", label: "Plan", kind: "choice", choices: ["free", "pro"] });
   * await db.leads.add({ email: "ada@lovelace.org", "custom.plan": "pro" });
   */
  define(field: CustomFieldDefinition): Promise<CustomField>;

  /** All custom fields, archived ones included, in the order of their definition. */
  list(): Promise<CustomField[]>;

  /**
   * Archives a field: its values stay, new ones are refused.
   *
   * @throws {LeadkitError} `unknown_field` with the nearest right key.
   */
  archive(key: string): Promise<CustomField>;
}

/** The definition of a custom field, as {@link Fields.define} takes it. */
export interface CustomFieldDefinition {
  /** The stable key: `[a-z][a-z0-9_]*`, 63 characters at most. */
  key: string;
  /** The name for people; also a synonym when columns are mapped. */
  label: string;
  /** What kind of value it holds. */
  kind: "text" | "number" | "boolean" | "date" | "choice";
  /** The allowed values of a choice. */
  choices?: string[];
  /** Archived fields keep their values and take no new ones. */
  archived?: boolean;
}

/** The definition of a custom field. */
export type CustomField = Required<CustomFieldDefinition>;

/** Messages to leads and from them. */
export interface Comms {
  /**
   * Puts a message for a lead into the outbox; nothing is sent yet. A repeated call with the same `key`
   * gives the first one's message.
   *
   * @throws {LeadkitError} `not_found` for the lead and the template; `invalid_argument` for a lead without
   * a number, for a text and a template at once, for a text that is empty or longer than 1,600
   * characters; `invalid_value` for a number that is none; `template_value_missing`.
   *
   * @example
   * const message = await db.comms.queueSms(1, { body: "See you at ten", purpose: "informational" });
   * console.log(message.state, message.segments); // "queued" 1
   */
  queueSms(lead: number, options?: SmsOptions): Promise<Communication>;

  /**
   * Plans to put a text message for each lead that a filter finds into the outbox: how many, who gets none and
   * why, what it costs, when the first and the last may go out, and some of the texts as they would be. Nothing
   * is queued yet; `bulk.run` does that with the plan's token, a lead's message once, and `operations.undo`
   * takes back what has not gone out.
   *
   * @throws {LeadkitError} `not_found` for the template; `unknown_field`, `invalid_filter`,
   * `invalid_argument`, `unknown_option`.
   *
   * @example
   * const plan = await db.comms.planSms({ tags: "fair" }, { template: "thanks", campaign: "fair-2026" });
   * console.log(plan.messages?.messages, plan.messages?.refusals, plan.messages?.cost); // 120 { no_number: 3 } { USD: "0.996" }
   * const done = await db.bulk.run(plan);
   * await db.operations.undo(done); // takes back what waits
   */
  planSms(filter: Filter, options?: SmsPlanOptions): Promise<Plan>;

  /**
   * Queues a message for a lead and hands over just this one, if it may go out now. Otherwise it waits in the
   * outbox like any other; its `state` and `refusal` say so.
   *
   * @param transport As in {@link Comms.dispatch}.
   * @throws {LeadkitError} as {@link Comms.queueSms} and {@link Comms.dispatch}.
   *
   * @example
   * const code = { body: "Your code is 1234", purpose: "informational" };
   * console.log((await db.comms.sendSms(1, twilio, code)).state); // "accepted"
   */
  sendSms(lead: number, transport: Twilio | Transport, options?: SmsOptions): Promise<Communication>;

  /**
   * Puts a call to a lead into the outbox. With an `agent` it rings there first, and the lead is dialled when the
   * agent answers; without, an announcement is read out or played, which needs consent to calls (`channel:
   * "voice"`) for any purpose. What came of it stands in `call`: outcome, seconds, who answered, the recording.
   *
   * @throws {LeadkitError} as {@link Comms.queueSms}; `invalid_argument` for a call without an agent and an
   * announcement, and for a recording without the lead's consent or an announcement of it.
   *
   * @example
   * const queued = await db.comms.queueCall(1, { agent: "+493023125010", purpose: "informational" });
   * console.log(queued.state, queued.channel); // "queued" "voice"
   */
  queueCall(lead: number, options?: CallOptions): Promise<Communication>;

  /**
   * Queues a message or call once more, as a new one, that failed, was refused or taken back.
   * Asked for twice, it is the same new one.
   *
   * @throws {LeadkitError} `not_found`; `conflict` for one that waits, went out, or may have.
   *
   * @example
   * for (const { id } of await db.comms.list({ state: "failed", campaign: "spring" })) await db.comms.requeue(id);
   */
  requeue(id: number): Promise<Communication>;

  /**
   * Gives a message or call that waits another time.
   *
   * @throws {LeadkitError} `not_found`; `conflict` for one that was handed over already.
   *
   * @example
   * const moved = await db.comms.reschedule(1, new Date("2040-03-02T09:00:00Z"));
   * console.log(moved.sendAt); // 2040-03-02T09:00:00.000Z
   */
  reschedule(id: number, sendAt: Date | string): Promise<Communication>;

  /**
   * Lets what a campaign has in the outbox wait.
   *
   * @throws {LeadkitError} `invalid_argument` for an empty name.
   *
   * @example
   * console.log((await db.comms.pause("spring")).paused); // ["spring"]
   * console.log((await db.comms.resume("spring")).paused); // []
   */
  pause(campaign: string): Promise<Settings>;

  /**
   * Lets it go on.
   *
   * @throws {LeadkitError} as {@link Comms.pause}.
   */
  resume(campaign: string): Promise<Settings>;

  /**
   * Switches sending off and waits until nothing is being handed over any more, for so many seconds at most:
   * before a machine is stopped. Gives the number of messages of which the answer is still missing then;
   * {@link Comms.reconcile} finds out about them. It waits on a thread of its own.
   *
   * @example
   * process.once("SIGTERM", async () => {
   *   await db.comms.drain(20);
   *   await db.close();
   * });
   */
  drain(seconds: number): Promise<number>;

  /**
   * What messages and calls cost: what was expected, what the provider billed so far, and by how much the two
   * differ.
   *
   * @throws {LeadkitError} `invalid_argument`, `unknown_option`.
   *
   * @example
   * for (const row of (await db.comms.costs({ by: "campaign" })).rows) console.log(row.group, row.cost, row.currency);
   */
  costs(options?: CostOptions): Promise<CostReport>;

  /**
   * Takes a message back that has not gone out.
   *
   * @throws {LeadkitError} `not_found`; `conflict` for one that was handed over already.
   */
  cancel(id: number): Promise<Communication>;

  /**
   * One message.
   *
   * @throws {LeadkitError} `not_found`.
   */
  get(id: number): Promise<Communication>;

  /**
   * Enters a contact with a lead that leadkit did not send: a call that somebody made, an email, a meeting, a
   * note, something to do, a message of a chat, or anything else with a `label`. It belongs to the lead's owner of
   * that moment unless said otherwise. A repeated call with the same `key` gives the first one's entry; an entry
   * is never changed, another one puts it right (`corrects`).
   *
   * @throws {LeadkitError} `not_found` for the lead, the contact that it answers, and the entry that it puts
   * right; `invalid_argument` for a custom channel without a label and a label of any other, for a time outside
   * of the years 1900 to 2200, and for an entry that says nothing; `conflict` for putting right what was not
   * entered, or was put right already.
   *
   * @example
   * const call = await db.comms.log(1, "voice", { body: "Wants prices by Friday", outcome: "interested" });
   * await db.comms.log(1, "voice", { body: "Wants prices by Thursday", corrects: call.id });
   */
  log(lead: number, channel: ContactChannel, options?: LogOptions): Promise<Communication>;

  /**
   * All contacts with a lead, the newest first: what was sent and came in, and what was entered. A lead that
   * others were merged into has theirs too, and one that was merged has those of what it was merged into. Entries
   * that were put right are left out unless asked for.
   *
   * @throws {LeadkitError} `not_found`; `invalid_argument` for a cursor that no page gave.
   *
   * @example
   * for (const contact of await db.comms.timeline(1)) console.log(contact.at, contact.channel, contact.body);
   */
  timeline(lead: number, options?: TimelineOptions): Promise<Page<Communication>>;

  /**
   * Contacts in numbers: how many there were, arrived, were answered and refused more, how long answers took, and
   * what all of it cost; of all that were asked for, and in groups.
   *
   * Groups by one of owner, template, campaign, variant, country, and weekday with hour of day, with channel,
   * direction, state and time, are answered from counts that follow the contacts; `leads`, `countLeads` and
   * `converted` go through the contacts themselves and take longer. Both are exact. An answer counts for the
   * contact that it answers, at that one's time.
   *
   * @throws {LeadkitError} `invalid_argument` for a time zone or status that there is not, and for groups that are
   * named twice or are of two pieces of time; `invalid_filter`, `unknown_field`.
   *
   * @example
   * const { groups } = await db.comms.stats({ by: ["owner"], since: "2026-03-01T00:00:00Z" });
   * for (const { key, figures } of groups) console.log(key.owner, figures.replyRate, figures.replyTimes?.median);
   */
  stats(options?: StatsOptions): Promise<ContactStats>;

  /**
   * Variants beside each other (A/B): of the leads that each reached, how many answered, want no more, and came to
   * a success, with intervals, and how much that differs from the control. Leads that several variants reached are
   * left out and counted apart.
   *
   * @throws {LeadkitError} `invalid_argument` for a status, a confidence or a control that there is not;
   * `invalid_filter`, `unknown_field`.
   *
   * @example
   * for (const { name, answered } of (await db.comms.compare()).variants) console.log(name, answered.rate);
   */
  compare(options?: CompareOptions): Promise<Comparison>;

  /**
   * How far leads came: contacted, reached, answered, and then from status to status. Each step counts those who
   * took all before it, a status from the first contact on.
   *
   * @throws {LeadkitError} `invalid_argument` for a status that there is not; `invalid_filter`, `unknown_field`.
   *
   * @example
   * const { steps } = await db.comms.funnel({ campaign: "spring", statuses: ["won"] });
   */
  funnel(options?: FunnelOptions): Promise<Funnel>;

  /**
   * Leads gathered by the month or week of their first contact, and how many of them had answered, or come to a
   * success, by the end of that one, of the next, and so on until now.
   *
   * @throws {LeadkitError} `invalid_argument` for a time zone or status that there is not; `invalid_filter`,
   * `unknown_field`.
   *
   * @example
   * for (const { start, leads, byThen } of (await db.comms.cohorts()).cohorts) console.log(start, leads, byThen);
   */
  cohorts(options?: CohortOptions): Promise<Cohorts>;

  /**
   * Counts all contacts anew, compares that with the counts that {@link Comms.stats} answers from, and tells what
   * differs; with `mend` these are counted anew. Reads everything.
   *
   * @throws {LeadkitError} `read_only` where it is to mend and may not.
   *
   * @example
   * console.log((await db.comms.checkStats()).wrong); // 0
   */
  checkStats(options?: CheckStatsOptions): Promise<StatsCheck>;

  /**
   * What one would show a sales manager; `saveHtml` and `toHtml` make a page of it.
   *
   * @throws {LeadkitError} `invalid_argument` for a time zone that there is not, and for a time that ends before it
   * begins or is longer than ten years.
   *
   * @example
   * await (await db.comms.statsReport({ title: "March" })).saveHtml("march.html");
   */
  statsReport(options?: StatsReportOptions): Promise<StatsReport>;

  /**
   * Finds contacts by their words (subject, body, outcome, label, participants, names of files) and by what is
   * said of them, the newest first or, among the newest 1,000 that have the words, the most relevant. The words
   * are leadkit's own, so that the same ones find the same contacts on every store.
   *
   * @throws {LeadkitError} `invalid_argument` for a text without a word that is to be there, for an order by
   * relevance without a text, and for a cursor that no page gave; `not_found` for the lead; `unknown_field` and
   * `invalid_filter` for `leads`.
   *
   * @example
   * const found = await db.comms.search({ text: '"price list" -cancel', facets: ["channel"] });
   * console.log(found.total, found.facets.channel); // 2 { note: 1, sms: 1 }
   */
  search(options?: SearchOptions): Promise<SearchPage>;

  /**
   * Writes what a search finds to a CSV or Excel file, the newest first, and enters that as an operation. The file
   * appears as a whole or stays as it was.
   *
   * @throws {LeadkitError} As {@link Comms.search}; `unknown_field`; `invalid_argument` for an order, a cursor or
   * facets, and for a target whose ending names no format; `permission_denied`, `disk_full`, `cancelled`, `io`.
   *
   * @example
   * const report = await db.comms.export("march.xlsx", {
   *   search: { since: "2026-03-01T00:00:00Z", channels: ["voice"] },
   *   fields: ["at", "lead.full_name", "outcome", "body"],
   * });
   */
  export(target: string | URL, options?: ContactExportOptions & Watched): Promise<ExportReport>;

  /**
   * Enters a history of contacts from a CSV file, as another system exported it: `log`, for each row. Encoding,
   * delimiter and columns are found as in an import of leads; a row is about the stored lead that its columns name,
   * by id, external id, email or phone. Rows that lead to none, or to several, and rows that cannot be read are
   * handed back in a file of rejects, with the reasons. A row with a `key` that is known is skipped. In the report
   * `created` counts the entries.
   *
   * What was committed when it was interrupted stays; the same call goes on from there, and once it is done, it
   * enters nothing twice (`already_imported`). Consent is not touched, nothing is taken for an answer or an opt-out.
   *
   * @param source A path, bytes, or a stream; see {@link Source}.
   * @throws {LeadkitError} `access_denied` for a view with an access profile; of the source, as
   * {@link Database.importLeads}; `no_mappable_column` where nothing says whose contacts these are, of which
   * channel, or when; `unknown_column`, `unknown_field`, `invalid_argument`, `file_exists`; `cancelled`, `busy`,
   * `operation_running`, `disk_full`, `io`.
   *
   * @example
   * const report = await db.comms.importLog("activities.csv", { timeZone: "Europe/Berlin" });
   * console.log(`${report.created} entered, ${report.rejected} handed back`);
   */
  importLog(source: Source, options?: ContactImportOptions & Watched): Promise<ImportReport>;

  /**
   * Messages, the newest first.
   *
   * @throws {LeadkitError} `invalid_argument` for a cursor that no page gave.
   */
  list(options?: CommunicationListOptions): Promise<Page<Communication>>;

  /** What happened to a message, in order. */
  events(id: number): Promise<CommunicationEvent[]>;

  /**
   * Hands over what is due. Each message is decided on in the transaction that marks it, just before it goes:
   * sending must be switched on, consent given, the hour legal where the person may be. What must wait is looked
   * at again at its hour; what is forbidden is `refused`, with the reason.
   *
   * Several processes may do this at once. The first dispatch binds the database to the transport's account.
   * A `signal` stops it after the messages that are being handed over; the report says what was done until then.
   *
   * @param transport A {@link Twilio}, or an object of your own, see {@link Transport}.
   * @throws {LeadkitError} `conflict` for a transport of another account; `invalid_argument` for what is no
   * transport; `unknown_option`.
   *
   * @example
   * const report = await db.comms.dispatch(new Twilio({ accountSid, authToken, sender: "+15005550006" }));
   * console.log(report.sent, report.refusals); // 12 { no_consent: 1 }
   */
  dispatch(
    transport: Twilio | Transport,
    options?: DispatchOptions & Pick<Watched, "signal">,
  ): Promise<DispatchReport>;

  /**
   * Finds out what became of messages whose answer was lost, in the provider's list; asks about those that it
   * took, where no report came of their end or price; and takes back what it still holds for people who want no
   * more. Call it every minute or so, or when its `nextAt` says.
   *
   * @throws {LeadkitError} `unsupported` for a transport that lists nothing; `provider_refused` when the list of
   * a transport of your own throws.
   */
  reconcile(transport: Twilio | Transport): Promise<ReconcileReport>;

  /**
   * Checks that a request is Twilio's and of the account that sends, and enters what it reports: how far a
   * message of ours has come, or what somebody wrote. STOP and its like end contact. Told once more, it changes
   * nothing; told in another order, the end is the same.
   *
   * @param twilio The account, with its `authToken`.
   * @param request The request as your server had it: its `url` is the public one, complete, from your own
   * configuration and never from forwarded headers; its `body` the bytes, unchanged.
   * @throws {LeadkitError} `permission_denied` for a wrong signature and another account; `invalid_argument` for
   * what is no webhook about messages.
   *
   * @example
   * const url = `https://leads.example${req.url}`;
   * const received = await db.comms.receive(twilio, { method: req.method, url, headers: req.headers, body });
   */
  receive(twilio: Twilio, request: WebhookRequest): Promise<Received>;

  /**
   * Enters what a provider of your own reports, once it is known to be the provider's. Told once more, it
   * changes nothing; told in another order, the end is the same.
   *
   * @param token The attempt's, from `leadkit_attempt` in the callback's URL.
   * @throws {LeadkitError} `invalid_argument` for what is no event.
   */
  receiveEvent(event: WebhookEvent, token?: string | null): Promise<Received>;
}

/** How much of the outbox is worked off: options of {@link Comms.dispatch}. */
export interface DispatchOptions {
  /** Messages at most; 0: all that are due. */
  limit?: number;
  /**
   * Messages that are decided on and handed over at once; 0 takes 50, and 500 is the most. Between the
   * decision and the handing over of the last of them lies the time that the provider takes for all.
   */
  batch?: number;
}

/** What a run over the outbox did. */
export interface DispatchReport {
  /** Whether sending was switched on; if not, nothing was looked at. */
  sending: boolean;
  /** Messages that the provider took. */
  sent: number;
  /** Messages that something forbids, here or at the provider. */
  refused: number;
  /** Messages that are tried again later. */
  retry: number;
  /** Messages of which nobody knows whether the provider took them. */
  unknown: number;
  /** Messages whose hour has not come. */
  postponed: number;
  /** Refusals by their code. */
  refusals: Record<string, number>;
  /** Budgets that came to a part at which somebody is to be told. */
  alerts: BudgetAlert[];
  /** When there is something to do next. */
  nextAt: Date | null;
}

/** A budget that has come to a part at which somebody is to be told. */
export interface BudgetAlert {
  /** The budget. */
  budget: string;
  /** The part, of its `alertAt`. */
  part: number;
  /** What is spent and reserved of it. */
  spent: Money;
  /** The whole of it. */
  amount: Money;
}

/** What a look for lost answers found. */
export interface ReconcileReport {
  /** Messages that the provider turned out to have. */
  found: number;
  /**
   * Messages that it does not have after the time of grace: they are `failed`, with the refusal
   * `not_taken`, and may be queued anew by whoever wants them.
   */
  lost: number;
  /** Messages that are still `unknown`. */
  unknown: number;
  /** Messages that the provider was asked about: how they ended, and what they cost. */
  followed: number;
  /** Messages taken back at the provider, since their recipient wants no more. */
  takenBack: number;
  /** Messages whose recipient wants no more, and which the provider had sent already. */
  tooLate: number;
  /** When there is something to ask next. */
  nextAt: Date | null;
}

/** What came of a report or a message. */
export interface Received {
  /**
   * The messages that it is about, as they stand now: one of ours, or one that came in, for each lead
   * whose number it came from.
   */
  messages: Communication[];
  /** What it changed about consent. */
  consent: ConsentEntry[];
  /** Whether it had been told before: nothing changed. */
  repeated: boolean;
}

/** Options of {@link Comms.queueSms} and {@link Comms.sendSms}. */
export interface SmsOptions {
  /** The template; either it or a `body`. */
  template?: string | null;
  /** The text as it is; nothing in it is rendered. */
  body?: string | null;
  /** Values for the template's `vars.*`. */
  vars?: Record<string, unknown>;
  /** The template's language; the lead's by default. */
  locale?: string | null;
  /** What it is for; marketing by default. */
  purpose?: Purpose | null;
  /** To which number; the lead's by default. */
  to?: string | null;
  /** From which number or messaging service; the transport's own by default. */
  sender?: string | null;
  /** Not before this instant. */
  sendAt?: Date | string | null;
  /** Not after this instant: what was not sent until then is refused as `expired`. */
  expiresAt?: Date | string | null;
  /** A key of the caller's: a repeated call with it gives the first one's message. */
  key?: string | null;
  /** A name for messages that belong together. */
  campaign?: string | null;
  /** Which of several texts or ways it is, where they are compared: `A`, `B`, … */
  variant?: string | null;
}

/** Options of {@link Comms.planSms}: which messages a bulk operation queues, and with what. */
export interface SmsPlanOptions {
  /** The template; either it or a `body`. */
  template?: string | null;
  /** The text as it is; nothing in it is rendered. */
  body?: string | null;
  /** Values for the template's `vars.*`. */
  vars?: Record<string, unknown>;
  /** The template's language; each lead's by default. */
  locale?: string | null;
  /** What it is for; marketing by default. */
  purpose?: Purpose | null;
  /** From which number or messaging service; the transport's own by default. */
  sender?: string | null;
  /** Not before this instant. */
  sendAt?: Date | string | null;
  /** Not after this instant. */
  expiresAt?: Date | string | null;
  /** A name for these messages; `operation-` and the operation's id by default. */
  campaign?: string | null;
  /** Which of several texts or ways it is, where they are compared: `A`, `B`, … */
  variant?: string | null;
  /** A name for the list of operations. */
  name?: string | null;
  /** Leads with the tag `protected` are taken too. */
  includeProtected?: boolean;
  /** Messages that the plan shows; 10 when 0, 100 at most. */
  sample?: number;
  /** Seconds until the plan may no longer be run; an hour when 0, 30 days at most. */
  expiresIn?: number;
}

/** What a plan would queue, as things stand; each message is decided on once more when it goes out. */
export interface MessagePlan {
  /** Messages that would be queued. */
  messages: number;
  /** Leads that get none, by reason. */
  refusals: Record<string, number>;
  /** Segments of all of them. */
  segments: number;
  /** What they are expected to cost, by currency, as decimal numbers. */
  cost: Record<string, string>;
  /** Messages of which the table of prices does not say what they cost. */
  unpriced: number;
  /** When the first may go out. */
  firstAt: Date | null;
  /** When the last may go out. */
  lastAt: Date | null;
  /** What one should look at in their texts, by the code of the warning. */
  warnings: { [code in TemplateWarningCode]?: number };
  /** Some of them. */
  sample: PlannedMessage[];
}

/** A message as a plan shows it. */
export interface PlannedMessage {
  /** The lead. */
  lead: number;
  /** To which number. */
  to: string;
  /** The text. */
  body: string;
  /** Its segments. */
  segments: number;
  /** When it may go out, as things stand. */
  at: Date;
}

/**
 * Options of {@link Comms.queueCall}: by a person (`agent`), or by a recorded or read-out announcement
 * (`template`, `body` or `play`).
 */
export interface CallOptions {
  /** The number of the person who talks: it rings there first, then the lead is dialled. */
  agent?: string | null;
  /** A template whose text is read out: to the lead, or to the agent before the lead is dialled. */
  template?: string | null;
  /** A text that is read out, as it is. */
  body?: string | null;
  /** A recording that is played to the lead, by its URL (https). */
  play?: string | null;
  /** The language in which texts are read out, such as `en-GB`. */
  language?: string | null;
  /** Values for the template's `vars.*`. */
  vars?: Record<string, unknown>;
  /** The template's language; the lead's by default. */
  locale?: string | null;
  /** What it is for; marketing by default. */
  purpose?: Purpose | null;
  /** To which number; the lead's by default. */
  to?: string | null;
  /** From which number; the transport's own by default. */
  sender?: string | null;
  /** Whether it is recorded. Then `recordingNotice` or `recordingConsent` is needed. */
  record?: boolean;
  /** What is read out to the lead at the beginning of an announcement that is recorded. */
  recordingNotice?: string | null;
  /** How the lead agreed to be recorded, kept with the call. */
  recordingConsent?: string | null;
  /** For how many seconds it rings at each side; 25 when 0, 600 at most. */
  ring?: number;
  /** Not before this instant. */
  sendAt?: Date | string | null;
  /** Not after this instant: what was not called until then is refused as `expired`. */
  expiresAt?: Date | string | null;
  /** A key of the caller's: a repeated call with it gives the first one's entry. */
  key?: string | null;
  /** A name for calls and messages that belong together. */
  campaign?: string | null;
  /** Which of several texts or ways it is, where they are compared: `A`, `B`, … */
  variant?: string | null;
}

/** What a call is, beyond a message, and what came of it. */
export interface CallDetails {
  /** The number of the person who talks; null: an announcement. */
  agent: string | null;
  /** A recording that is played. */
  play: string | null;
  /** The language of what is read out. */
  language: string | null;
  /** Whether it is recorded. */
  record: boolean;
  /** What is read out about that. */
  recordingNotice: string | null;
  /** How the lead agreed to be recorded. */
  recordingConsent: string | null;
  /** For how many seconds it rings at each side. */
  ring: number;
  /**
   * What came of it, in the provider's word for the lead's side: `completed`, `busy`, `no-answer`, `failed`,
   * `canceled`; null until it is over.
   */
  outcome: string | null;
  /** Seconds, once it is over; of the lead's side where an agent called. */
  duration: number | null;
  /** Who answered, where that was looked at: `human`, `machine_start`, … */
  answeredBy: string | null;
  /** Where the recording is. */
  recordingUrl: string | null;
  /** The provider's id of the lead's side, where an agent called. */
  leadLeg: string | null;
}

/** Options of {@link Comms.costs}. */
export interface CostOptions {
  /** By what costs are summed up; by month by default. */
  by?: CostBy;
  /** Only what was handed over at this instant or later. */
  since?: Date | string | null;
  /** Only what was handed over before this instant. */
  until?: Date | string | null;
  /** Only of this lead. */
  lead?: number | null;
  /** Only of this campaign. */
  campaign?: string | null;
}

/** By what costs are summed up; `owner` is the lead's as it is now, `country` the number's. */
export type CostBy = "month" | "lead" | "owner" | "template" | "campaign" | "country" | "channel";

/** Costs of one group in one currency. */
export interface CostRow {
  /** The month, lead, owner and so on; null for messages that have none. */
  group: string | null;
  /** The currency; null for messages of which no price is known. */
  currency: string | null;
  /** Messages and calls that the provider took. */
  messages: number;
  /** Segments, counted before they went out. */
  segments: number;
  /** Segments as billed, of those messages of which that is known. */
  billedSegments: number;
  /** Messages of which the price is known. */
  billed: number;
  /** What was expected, as a decimal number. */
  predicted: string;
  /** What the provider billed so far, as a decimal number. */
  cost: string;
  /** By how much the bill is above what was expected of the messages billed, as a decimal number. */
  drift: string;
}

/** What messages and calls cost. */
export interface CostReport {
  /** By group and currency, in their order. */
  rows: CostRow[];
  /** All of them together, by currency. */
  total: CostRow[];
}

/** Options of {@link Comms.list}. */
export interface CommunicationListOptions {
  /** Only of this lead. */
  lead?: number | null;
  /** Only in this state. */
  state?: CommunicationState | null;
  /** Only of this campaign. */
  campaign?: string | null;
  /** Messages of a page; 100 when 0. */
  limit?: number;
  /** Goes on after the page that gave this `nextCursor`. */
  cursor?: string | null;
}

/**
 * Where a message stands on our side: it waits for its time, is handed over right now, was handed over and
 * nobody knows whether it was taken, the provider has it, the recipient has it, the provider could not
 * deliver it, something forbids it, it was taken back, it came in, it was entered.
 */
export type CommunicationState =
  | "queued"
  | "sending"
  | "unknown"
  | "accepted"
  | "delivered"
  | "failed"
  | "refused"
  | "cancelled"
  | "received"
  | "logged";

/** Which way a message goes. */
export type Direction = "inbound" | "outbound";

/** An amount in a currency, exact to a millionth. */
export interface Money {
  /** Decimal text, such as `0.0079`. */
  amount: string;
  /** ISO 4217, three capitals. */
  currency: string;
}

/** Why a message was not sent, or is not sent yet. */
export interface SendRefusal {
  /**
   * A stable word, such as `opted_out`, `no_consent`, `no_legal_hour`, `channel_off`, or a class of the
   * provider's.
   */
  code: string;
  /** The same for people; holds no personal data. */
  message: string;
  /** What to do about it. */
  advice: string | null;
  /** The provider's code, such as 21610. */
  providerCode: number | null;
}

/** A message that is to be sent, was sent, or came in. */
export interface Communication {
  /** Its number, in the order of entry. */
  id: number;
  /** The lead; null when nobody knows whose number it is. */
  lead: number | null;
  /** By which channel. */
  channel: ContactChannel;
  /** What a `custom` channel is called. */
  label: string | null;
  /** Which way it goes. */
  direction: Direction;
  /** Where it stands on our side; the provider's word is its `status`. */
  state: CommunicationState;
  /** What it is for; null for what came in. */
  purpose: Purpose | null;
  /** To which number, in E.164; of what was entered, any address, or empty. */
  to: string;
  /** From which number or messaging service; null: the transport's own. */
  sender: string | null;
  /** Who else took part. */
  participants: string[];
  /** What it is about. */
  subject: string | null;
  /** The text. */
  body: string;
  /** Files, kept elsewhere. */
  attachments: Attachment[];
  /** The template that the text was made of. */
  template: string | null;
  /** That template's version. */
  templateVersion: number | null;
  /** A name of the caller's for messages that belong together. */
  campaign: string | null;
  /** Which of several texts or ways it is, where they are compared: `A`, `B`, … */
  variant: string | null;
  /** The country of the other side's number, or else of the lead, as it was then (ISO 3166-1 alpha-2). */
  country: string | null;
  /**
   * The other side's time zone: the lead's, or else the only one of the number; null where it is not known.
   */
  timeZone: string | null;
  /** The key by which a repeated call gives this message again. */
  key: string | null;
  /** Who owned the lead then. */
  owner: string | null;
  /** The conversation that it belongs to, by an id of the host's. */
  thread: string | null;
  /** The contact that it answers: of a text that came in, the last one that went to its number. */
  replyTo: number | null;
  /** Milliseconds between that contact and this one, where this is the first answer to it. */
  replyAfter: number | null;
  /** What came of it, of what was entered. */
  outcome: string | null;
  /** How long it took, of what was entered, in seconds; of calls see `call`. */
  seconds: number | null;
  /** The entry that this one puts right. */
  corrects: number | null;
  /** The entry that puts this one right. */
  correctedBy: number | null;
  /** Who queued or entered it. */
  actor: string | null;
  /** Why. */
  reason: string | null;
  /** When it was: handed over, or else queued; come in; or as it was entered. Histories are in this order. */
  at: Date;
  /** When it was queued or entered, or came in. */
  createdAt: Date;
  /** Not before this instant. */
  sendAt: Date | null;
  /** Not after this instant. */
  expiresAt: Date | null;
  /** When the outbox looks at it next; null when nothing is to be done. */
  dueAt: Date | null;
  /** When the provider took it. */
  sentAt: Date | null;
  /** How often it was handed to the provider. */
  attempts: number;
  /** Tells the last attempt from all others; nobody can guess it. */
  token: string | null;
  /** The provider's id. */
  providerId: string | null;
  /** Where it stands in the provider's word. */
  status: string | null;
  /** Why it was not sent, or is not sent yet. */
  refusal: SendRefusal | null;
  /** Segments, counted before it went out. */
  segments: number;
  /** Segments as billed. */
  billedSegments: number | null;
  /** What it is expected to cost; null where the table of prices does not say. */
  predicted: Money | null;
  /** What it cost. */
  price: Money | null;
  /** What is reserved for it of the budgets. */
  reserved: Reservation | null;
  /** The instant that its sender's rate gave it. */
  slot: Date | null;
  /** The bulk operation that queued it. */
  operation: number | null;
  /** What it is beyond a message, for a call. */
  call: CallDetails | null;
  /** What the last decision to send or not to send it rested on. */
  evidence: unknown;
}

/** What was reserved for a message. */
export interface Reservation {
  /** How much. */
  price: Money;
  /** Of which budgets, each with its period. */
  budgets: string[];
}

/** Something that happened to a message. */
export interface CommunicationEvent {
  /** The message. */
  communication: number;
  /** Its place among the events of the message, from 1. */
  seq: number;
  /** When it was entered. */
  at: Date;
  /** Where the message stood then. */
  state: CommunicationState;
  /** The provider's word, where it told one. */
  status: string | null;
  /** A stable word for what happened: `queued`, `sending`, `accepted`, `status`, `conflict`, … */
  what: string;
}

/** By what people were in contact. leadkit sends by the first two; the others are entered by `comms.log`. */
export type ContactChannel = "sms" | "voice" | "email" | "meeting" | "note" | "task" | "chat" | "custom";

/** A file that belongs to a contact and is kept elsewhere. */
export interface Attachment {
  /** Its name. */
  name: string;
  /** Where it is. */
  url?: string | null;
  /** Its media type (RFC 6838), such as `application/pdf`. */
  mediaType?: string | null;
  /** Its size in bytes. */
  bytes?: number | null;
}

/** Options of {@link Comms.log}: a contact that is entered by hand, or by a host that had it elsewhere. */
export interface LogOptions {
  /** Whose it was; outbound when nobody says: notes, tasks and meetings are ours. */
  direction?: Direction | null;
  /** When it was; now when nobody says. Between the years 1900 and 2200. */
  at?: Date | string | null;
  /** What a `custom` channel is called, such as `linkedin`. */
  label?: string | null;
  /** What it was about. */
  subject?: string | null;
  /** What was said. */
  body?: string;
  /** To whom, as an address of the channel. */
  to?: string | null;
  /** From whom, as an address of the channel. */
  sender?: string | null;
  /** Who else took part. */
  participants?: string[];
  /** What came of it, such as `interested` or `left_voicemail`. */
  outcome?: string | null;
  /** How long it took, in seconds. */
  seconds?: number | null;
  /** Files, kept elsewhere. */
  attachments?: Attachment[];
  /** What it was for. */
  purpose?: Purpose | null;
  /** The template that the text was made of. */
  template?: string | null;
  /** That template's version. */
  templateVersion?: number | null;
  /** A name for contacts that belong together. */
  campaign?: string | null;
  /** Which of several texts or ways it is, where they are compared: `A`, `B`, … */
  variant?: string | null;
  /** Whose it was on our side; the lead's owner when nobody says. */
  owner?: string | null;
  /** The conversation that it belongs to, by an id of the host's. */
  thread?: string | null;
  /** The contact that it answers; found by itself for texts that come in. */
  replyTo?: number | null;
  /** What it cost. */
  price?: Money | null;
  /** The id that another system knows it by. */
  providerId?: string | null;
  /** A key of the caller's: a repeated call with it gives the first one's entry. */
  key?: string | null;
  /** The entry that this one puts right: that one stays, and is no longer shown unless asked for. */
  corrects?: number | null;
}

/** Options of {@link Comms.timeline}. */
export interface TimelineOptions {
  /** Only of these channels. */
  channels?: ContactChannel[];
  /** Entries that were put right are listed too. */
  corrected?: boolean;
  /** Contacts of a page; 100 when 0. */
  limit?: number;
  /** Goes on after the page that gave this `nextCursor`. */
  cursor?: string | null;
}

/** What contacts are counted by. */
export type Facet = "channel" | "direction" | "state" | "owner" | "template" | "campaign";

/** In which order what was found comes. */
export type SearchOrder = "newest" | "relevance";

/** Options of {@link Comms.search}; all that is given must hold. */
export interface SearchOptions {
  /**
   * Words: all of them, in any order. `"two words"` in quotes stand together, `pre*` begins a word,
   * `this OR that` is either, `-word` must not be there. Letters count without marks and case.
   */
  text?: string | null;
  /** Only with this lead, and those that were merged into it. */
  lead?: number | null;
  /** Only with leads that this filter finds now. */
  leads?: Filter | null;
  /** Only of these channels. */
  channels?: ContactChannel[];
  /** Only of this direction. */
  direction?: Direction | null;
  /** Only in these states. */
  states?: CommunicationState[];
  /** Only of this owner. */
  owner?: string | null;
  /** Only of this template. */
  template?: string | null;
  /** Only of this campaign. */
  campaign?: string | null;
  /** Only from this instant on. */
  since?: Date | string | null;
  /** Only before this instant. */
  until?: Date | string | null;
  /** Only what cost at least this, as billed or else as predicted, in any currency. */
  minCost?: number | null;
  /** Only what cost at most this. */
  maxCost?: number | null;
  /** Entries that were put right are found too. */
  corrected?: boolean;
  /** What all that is found is counted by; counting reads all of it. */
  facets?: Facet[];
  /** `newest` first by default; `relevance`: what is most about the words first, among the newest 1,000. */
  order?: SearchOrder;
  /** Contacts of a page; 100 when 0. */
  limit?: number;
  /** Goes on after the page that gave this `nextCursor`. */
  cursor?: string | null;
}

/** Options of {@link Comms.importLog}. */
export interface ContactImportOptions {
  /**
   * Column to field, for columns that leadkit should not map by itself; null leaves a column out. Whose contact it
   * is: `lead`, `external_id`, `lead_email`, `lead_phone`. What it was: `channel`, `label`, `direction`, `at`,
   * `subject`, `body`, `outcome`, `seconds`, `minutes`, `template`, `campaign`, `variant`, `owner`, `thread`,
   * `price`, `currency`, `key`, `provider_id`, `to`, `sender`.
   */
  mapping?: Record<string, string | null>;
  /** Constants for every row: field to value, written as in a cell; they win over the file. */
  set?: Record<string, string>;
  /** The country by which phone numbers without a country code are read (ISO 3166-1 alpha-2). */
  defaultCountry?: string | null;
  /** The zone of times that say none, such as `Europe/Berlin`; UTC by default. A day alone begins there. */
  timeZone?: string | null;
  /** Overrides of what is found out about the file. */
  format?: FormatOptions;
  /** Reads, maps, checks and matches, and writes nothing. */
  dryRun?: boolean;
  /** Where rejected rows go: beside the source by default, false for no file, or a path. */
  rejects?: boolean | string | URL | null;
  /** A name for the operation, for the list of operations. */
  name?: string | null;
  /**
   * Imports a file once more that was imported before with the same options. Rows with a `key` that is known are
   * skipped even then.
   */
  again?: boolean;
  /** Shows values in the report's examples as they are, not masked. */
  showValues?: boolean;
}

/** Options of {@link Comms.export}. */
export interface ContactExportOptions {
  /**
   * Which contacts; all by default. Its `limit` is that of the file, 0 for none; an order, a cursor and facets
   * are not for files.
   */
  search?: SearchOptions;
  /** Which columns, in this order: fields of a contact, `currency`, `lead.` and a field of its lead. */
  fields?: string[] | null;
  /** CSV or XLSX; by the target's ending when not said. */
  format?: "csv" | "xlsx" | null;
  /** CSV: the delimiter, one character; a comma by default. */
  delimiter?: string;
  /** CSV: begins the file with a byte order mark, for old Excels. */
  bom?: boolean;
  /** Guards cells that a spreadsheet would run as formulas (OWASP, CSV injection). On by default. */
  guardFormulas?: boolean;
  /** A name for the operation, for the list of operations. */
  name?: string | null;
}

/** A part of a text that was looked through. */
export interface Piece {
  /** The part. */
  text: string;
  /** Whether it is what was looked for. */
  found: boolean;
}

/** A contact that was found. */
export interface FoundContact {
  /** The contact. */
  contact: Communication;
  /** Where in its subject and body what was looked for stands; around the first place of a long text. */
  highlights: Piece[];
}

/** A page of what was found. */
export interface SearchPage {
  /** What was found. */
  items: FoundContact[];
  /** Where the next page goes on; null at the end. */
  nextCursor: string | null;
  /** How many were found in all; counted when facets are asked for. */
  total: number | null;
  /** How many of each, by facet and value; those without one are left out. */
  facets: Record<string, Record<string, number>>;
}

/** What contacts are grouped by. */
export type StatsBy =
  | "hour"
  | "day"
  | "week"
  | "month"
  | "weekday"
  | "hour_of_day"
  | "channel"
  | "direction"
  | "state"
  | "owner"
  | "template"
  | "campaign"
  | "variant"
  | "country";

/** What variants are told apart by. */
export type CompareBy =
  | "variant"
  | "template"
  | "campaign"
  | "channel"
  | "owner";

/** A piece of time by which leads are gathered. */
export type CohortBy =
  | "month"
  | "week";

/** Options of {@link Comms.stats}: which contacts are counted, and by what. */
export interface StatsOptions {
  /** What they are grouped by; a piece of time comes once at most, and anything once. */
  by?: StatsBy[];
  /** Only from this instant on. */
  since?: Date | string | null;
  /** Only before this instant. */
  until?: Date | string | null;
  /** The time zone (IANA name) of hours, days, weeks and months; UTC when none is given. */
  timeZone?: string | null;
  /** Only of these channels; empty: of any. */
  channels?: ContactChannel[];
  /** Only of this direction. */
  direction?: Direction | null;
  /** Only in these states; empty: in any. */
  states?: CommunicationState[];
  /** Only of this owner. */
  owner?: string | null;
  /** Only of this template. */
  template?: string | null;
  /** Only of this campaign. */
  campaign?: string | null;
  /** Only of this variant. */
  variant?: string | null;
  /** Only where the other side's country is this (ISO 3166-1 alpha-2). */
  country?: string | null;
  /** Only with leads that this filter finds now. Goes through the contacts themselves. */
  leads?: Filter | null;
  /** Tells how many different leads there were, and the cost per lead. Goes through the contacts themselves. */
  countLeads?: boolean;
  /**
   * Statuses that are a success: tells which contacts the lead's reaching one of them followed. Goes through the
   * contacts themselves.
   */
  converted?: string[];
  /** Days within which a success counts as following a contact; 0: ever. */
  withinDays?: number;
}

/** Options of {@link Comms.compare}: what is compared. */
export interface CompareOptions {
  /** What tells variants apart. */
  by?: CompareBy;
  /** The variant that the others are compared with; the first by name when none is given. */
  control?: string | null;
  /** Only from this instant on. */
  since?: Date | string | null;
  /** Only before this instant. */
  until?: Date | string | null;
  /** Only of these channels; empty: of any. */
  channels?: ContactChannel[];
  /** Only of this template. */
  template?: string | null;
  /** Only of this campaign. */
  campaign?: string | null;
  /** Only with leads that this filter finds now. */
  leads?: Filter | null;
  /** Statuses that are a success. */
  converted?: string[];
  /** Days within which a success counts as following a contact; 0: ever. */
  withinDays?: number;
  /** How sure the intervals are; 0.95 when 0. */
  confidence?: number;
}

/** Options of {@link Comms.funnel}: which way of leads is looked at. */
export interface FunnelOptions {
  /** Only from this instant on. */
  since?: Date | string | null;
  /** Only before this instant. */
  until?: Date | string | null;
  /** Only of these channels; empty: of any. */
  channels?: ContactChannel[];
  /** Only of this owner. */
  owner?: string | null;
  /** Only of this template. */
  template?: string | null;
  /** Only of this campaign. */
  campaign?: string | null;
  /** Only of this variant. */
  variant?: string | null;
  /** Only with leads that this filter finds now. */
  leads?: Filter | null;
  /** The statuses behind the contact, in their order, such as `["qualified", "won"]`. */
  statuses?: string[];
}

/** Options of {@link Comms.cohorts}: which leads are followed. */
export interface CohortOptions {
  /** By which piece of time leads are gathered, in which the first contact was. */
  by?: CohortBy;
  /** Only leads whose first contact was from this instant on. */
  since?: Date | string | null;
  /** Only leads whose first contact was before this instant. */
  until?: Date | string | null;
  /** The time zone (IANA name) of weeks and months; UTC when none is given. */
  timeZone?: string | null;
  /** Only contacts of these channels; empty: of any. */
  channels?: ContactChannel[];
  /** Only with leads that this filter finds now. */
  leads?: Filter | null;
  /** Statuses that are a success; where none is named, what is followed is the first answer. */
  converted?: string[];
}

/** Options of {@link Comms.checkStats}: how the counts are looked through. */
export interface CheckStatsOptions {
  /** Whether what is wrong is put right. */
  mend?: boolean;
}

/** Options of {@link Comms.statsReport}: over what a report for people is made. */
export interface StatsReportOptions {
  /** What stands above it; `Contacts` when none is given. */
  title?: string | null;
  /** From this instant on; 30 days before its end when none is given. */
  since?: Date | string | null;
  /** Before this instant; now when none is given. */
  until?: Date | string | null;
  /** The time zone (IANA name) of its days; UTC when none is given. */
  timeZone?: string | null;
  /** Only of this campaign. */
  campaign?: string | null;
  /** Only of this owner. */
  owner?: string | null;
}

/**
 * How long answers took, in seconds. Quantiles are exact: type 7 of Hyndman and Fan (1996), as Excel's
 * PERCENTILE.INC and numpy's default.
 */
export interface ReplyTimes {
  /** How many answers. */
  count: number;
  /** Half of them took no longer. */
  median: number;
  /** Nine of ten took no longer. */
  p90: number;
}

/** Contacts in numbers. A rate is null where it would be a share of nothing. */
export interface ContactFigures {
  /** All of them; entries that were put right are left out. */
  contacts: number;
  /** Ours that were handed over: accepted, delivered, failed or unknown. */
  sent: number;
  /** Of these, those that arrived for sure. */
  delivered: number;
  /** Of these, those that the provider could not deliver. */
  failed: number;
  /** Ours that wait, or are being handed over right now. */
  waiting: number;
  /** Ours that something forbade. */
  refused: number;
  /** Ours that were taken back. */
  cancelled: number;
  /** Ours that were entered. */
  logged: number;
  /** Ours that the other side may have: sent and not failed, or entered. */
  reached: number;
  /** Of these, those that were answered. */
  answered: number;
  /** Ours that were answered by a text that wants no more. */
  optedOut: number;
  /** What came in. */
  received: number;
  /** Of these, those that we answered, as far as it was entered. */
  answeredByUs: number;
  /** `delivered` of `sent`. */
  deliveryRate: number | null;
  /** `answered` of `reached`. */
  replyRate: number | null;
  /** `opted_out` of `reached`. */
  optOutRate: number | null;
  /** How long they took to answer us. */
  replyTimes: ReplyTimes | null;
  /** How long we took to answer them. */
  ourReplyTimes: ReplyTimes | null;
  /** How long calls and meetings took together, in seconds. */
  seconds: number;
  /** What they cost, as billed or else as predicted, by currency, as decimal numbers. */
  cost: Record<string, string>;
  /** How many have a cost. */
  priced: number;
  /** How many different leads; counted when asked for. */
  leads: number | null;
  /** The cost by lead, by currency; told with `leads`. */
  costPerLead: Record<string, string>;
  /** Of those reached, those whose lead came to a success then or later; counted when asked for. */
  converted: number | null;
  /** `converted` of `reached`. */
  conversionRate: number | null;
  /** How many different leads came to a success. */
  convertedLeads: number | null;
  /** The cost by lead that came to a success, by currency. */
  costPerConversion: Record<string, string>;
}

/** Contacts that have something in common. */
export interface StatsGroup {
  /** What they have in common, by what they are grouped by; null: they have no such value. */
  key: Record<string, string | null>;
  /** Their numbers. */
  figures: ContactFigures;
}

/** Contacts in numbers: all that were asked for, and in groups. */
export interface ContactStats {
  /** All of them. */
  total: ContactFigures;
  /** The groups, in the order of their keys; those without a value come last. */
  groups: StatsGroup[];
}

/**
 * A share with the interval in which it lies: Wilson's, without continuity correction (Newcombe 1998, Statistics
 * in Medicine 17, 857–872, method 3).
 */
export interface Share {
  /** Of how many it is so. */
  count: number;
  /** The share; null of nothing. */
  rate: number | null;
  /** Where the interval begins. */
  low: number;
  /** Where it ends. */
  high: number;
}

/**
 * How much a share differs from the control's, with the interval in which the difference lies (Newcombe 1998,
 * Statistics in Medicine 17, 873–890, method 10).
 */
export interface ShareDifference {
  /** The difference. */
  difference: number;
  /** Where its interval begins. */
  low: number;
  /** Where it ends. */
  high: number;
  /** Whether the interval leaves zero out. */
  significant: boolean;
}

/** One of several variants. */
export interface VariantFigures {
  /** Its name. */
  name: string;
  /** Leads that this variant reached, and no other one. */
  leads: number;
  /** Those of them that answered. */
  answered: Share;
  /** Those that want no more. */
  optedOut: Share;
  /** Those that came to a success; null where no success was named. */
  converted: Share | null;
  /** How `answered` differs from the control's; null of the control itself. */
  answeredDifference: ShareDifference | null;
  /** How `opted_out` differs. */
  optedOutDifference: ShareDifference | null;
  /** How `converted` differs. */
  convertedDifference: ShareDifference | null;
}

/** Variants beside each other; what is counted are leads, not contacts. */
export interface Comparison {
  /** The variants, by name, the control first. */
  variants: VariantFigures[];
  /** Leads that several variants reached; they are left out, for nobody knows which one worked. */
  mixed: number;
}

/** A step of a funnel. */
export interface FunnelStep {
  /** `contacted`, `reached`, `answered`, or a status. */
  name: string;
  /** Leads that came so far; each of them took all steps before. */
  leads: number;
  /** Of those of the step before. */
  ofPrevious: number | null;
  /** Of those of the first step. */
  ofFirst: number | null;
}

/** How far leads came. */
export interface Funnel {
  /** The steps. */
  steps: FunnelStep[];
}

/** Leads whose first contact was in one piece of time. */
export interface Cohort {
  /** The piece of time, such as `2026-03` or `2026-W09`. */
  start: string;
  /** How many leads. */
  leads: number;
  /** How many of them had come to it by the end of that piece of time, of the next, and so on. */
  byThen: number[];
}

/** Leads by the time of their first contact, followed. */
export interface Cohorts {
  /** The cohorts, in order. */
  cohorts: Cohort[];
}

/** What a comparison of the counts with the contacts themselves found. */
export interface StatsCheck {
  /** Hours that have contacts or counts. */
  hours: number;
  /** Contacts that were counted anew. */
  contacts: number;
  /** Counts that were not what they should be: of hours, days and months, each by each part. */
  wrong: number;
  /** The first hours, days and months of these, 20 at most, such as `day 2026-03-01 by owner`. */
  examples: string[];
  /** Whether what was wrong was put right. */
  mended: boolean;
}

/** A report for people: what a page with charts is made of. */
export class StatsReport {
  private constructor();
  /** What stands above it. */
  title: string;
  /** From this instant on. */
  since: Date;
  /** Before this instant. */
  until: Date;
  /** The time zone of its days. */
  timeZone: string;
  /** All contacts. */
  total: ContactFigures;
  /** As many days before, to compare with. */
  before: ContactFigures;
  /** By day; days without a contact are there too. */
  days: StatsGroup[];
  /** By channel. */
  channels: StatsGroup[];
  /** By weekday and hour where the other side is. */
  hours: StatsGroup[];
  /** By owner. */
  owners: StatsGroup[];
  /** By campaign. */
  campaigns: StatsGroup[];
  /** By template. */
  templates: StatsGroup[];
  /** By country. */
  countries: StatsGroup[];
  /** The report as indented JSON. */
  toJson(): string;
  /** The report as one self-contained HTML page: charts inside, no scripts, no requests. */
  toHtml(): string;
  /**
   * Saves the report as one self-contained HTML page. An existing file is replaced in one step; only its owner
   * may read it.
   */
  saveHtml(path: string | URL): Promise<void>;
}

/** A way to reach somebody. */
export type Channel = "sms" | "voice";

/**
 * What a message or call is for: the law asks more of `marketing`, which needs consent that was given
 * before; `informational` is what the person asked for or must know.
 */
export type Purpose = "marketing" | "informational";

/**
 * What an entry of the ledger says. By the person: `withdrawal` (no more contact at this address, which
 * ends all grants so far), `lift` (a withdrawal taken back, as by START; it grants nothing), `grant`
 * (agreed, for one address, lead and purpose), `asked` (a question that YES answers). As noticed:
 * `suspected` (perhaps a withdrawal; blocks at once, and is one when nobody looked until its
 * `reviewBy`), `wrong_number` (the address is somebody else's), `cleared` (a suspicion was none, or the
 * address is right after all).
 */
export type ConsentKind =
  | "withdrawal"
  | "lift"
  | "grant"
  | "asked"
  | "suspected"
  | "wrong_number"
  | "cleared";

/**
 * Why somebody may not be contacted: no more contact is wanted, or may not be wanted and has to be
 * looked at; the address is somebody else's; marketing without consent.
 */
export type ConsentCode = "opted_out" | "under_review" | "wrong_number" | "no_consent";

/**
 * Who may be contacted, by what, and why: a ledger that only grows.
 *
 * A withdrawal is kept for the address. It covers every lead that has the address or later gets it, and
 * stays when leads are deleted, purged, restored, merged, taken back or imported again. A grant is kept
 * for an address, a lead and a purpose; a lead that another one is merged into does not get it.
 */
export interface Consent {
  /**
   * Adds to the ledger: one entry for the address given, or one for each number of the lead.
   *
   * @param kind What the person said, or what was noticed.
   * @param source Where it comes from, in a few words.
   * @throws {LeadkitError} `invalid_argument` for an entry that lacks what its kind needs: a grant
   * names the lead and keeps the words agreed to; `invalid_value` for an address that is no phone
   * number; `not_found` for the lead.
   *
   * @example
   * const ada = await db.leads.add({ email: "ada@lovelace.org", phone: "+49 30 23125014" });
   * await db.consent.record("grant", "web form", { lead: ada.id, wording: "Yes, text me offers" });
   * await db.consent.record("withdrawal", "keyword", { address: ada.phone });
   * console.log((await db.consent.status({ lead: ada.id })).code); // "opted_out"
   */
  record(kind: ConsentKind, source: string, options?: ConsentOptions): Promise<ConsentEntry[]>;

  /**
   * Whether a lead or an address may be contacted, and the entry that decides.
   *
   * @throws {LeadkitError} `invalid_argument` without address and lead; `invalid_value`, `not_found`.
   */
  status(options: ConsentQuestion): Promise<ConsentStatus>;

  /**
   * Entries, the newest first.
   *
   * @throws {LeadkitError} `invalid_value` for an address that is no phone number; `invalid_argument`
   * for a cursor that no page gave.
   */
  history(options?: ConsentHistoryOptions): Promise<Page<ConsentEntry>>;

  /**
   * Writes who may not be contacted as CSV: address, channel, kind, since when, source. Kept apart from backups,
   * it is what a restored database is to be given before it sends. Gives how many.
   *
   * @throws {LeadkitError} `permission_denied`, `disk_full`, `io`.
   *
   * @example
   * await db.consent.exportSuppressions("suppressions.csv");
   * console.log(await restored.consent.applySuppressions("suppressions.csv")); // 2
   * console.log(await restored.consent.applySuppressions("suppressions.csv")); // 0, known already
   */
  exportSuppressions(path: string | URL): Promise<number>;

  /**
   * Enters such a list, as far as it is not known already; gives how many entries were added.
   *
   * @throws {LeadkitError} `invalid_value` for a line that cannot be read, with its row: then nothing is
   * entered; `file_not_found`, `permission_denied`, `io`.
   */
  applySuppressions(path: string | URL): Promise<number>;
}

/** Options of {@link Consent.record}. */
export interface ConsentOptions {
  /** By which channel; all of them when left out. */
  channel?: Channel | null;
  /** The phone number; all numbers of the lead when left out. */
  address?: string | null;
  /** The lead. Grants and questions need it, for they are a person's; others note who was meant. */
  lead?: number | null;
  /** What a grant or a question is for; marketing by default. */
  purpose?: Purpose | null;
  /** The words that the person agreed to or wrote. Grants need them. */
  wording?: string | null;
  /** When the person said so; now by default. */
  givenAt?: Date | string | null;
  /** Where proof is kept: a document's name, a URL. */
  proof?: string | null;
  /**
   * Until when somebody should have looked at a suspicion; ten days from now by default. The FCC allows
   * ten business days for honouring a revocation (47 CFR 64.1200(a)(10)).
   */
  reviewBy?: Date | string | null;
}

/** Options of {@link Consent.status}. */
export interface ConsentQuestion {
  /** The phone number; the lead's when left out. */
  address?: string | null;
  /** The lead; without one there is no grant. */
  lead?: number | null;
  /** By which channel; `sms` by default. */
  channel?: Channel | null;
  /** What for; marketing by default. */
  purpose?: Purpose | null;
}

/** Options of {@link Consent.history}. */
export interface ConsentHistoryOptions {
  /** Only of this phone number. */
  address?: string | null;
  /** Only about this lead. */
  lead?: number | null;
  /** Entries of a page; 100 when 0. */
  limit?: number;
  /** Goes on after the page that gave this `nextCursor`. */
  cursor?: string | null;
}

/** An entry of the ledger. Entries are never changed and never removed. */
export interface ConsentEntry {
  /** Its number, in the order of entry. */
  id: number;
  /** When it was entered. */
  at: Date;
  /** What it says. */
  kind: ConsentKind;
  /** By which channel; null: all of them. */
  channel: Channel | null;
  /** The phone number in E.164. */
  address: string;
  /** The lead that it was about. */
  lead: number | null;
  /** What a grant or a question is for. */
  purpose: Purpose | null;
  /** Where it comes from. */
  source: string;
  /** The words that the person agreed to or wrote. */
  wording: string | null;
  /** When the person said so. */
  givenAt: Date;
  /** Where proof is kept. */
  proof: string | null;
  /** Until when somebody should have looked at a suspicion. */
  reviewBy: Date | null;
  /** Who entered it. */
  actor: string | null;
  /** Why. */
  reason: string | null;
}

/** Whether somebody may be contacted, and by which entry. */
export interface ConsentStatus {
  /** Whether consent stands in nobody's way. The hour, the switches and limits are other matters. */
  allowed: boolean;
  /** Why not. */
  code: ConsentCode | null;
  /** The phone number in E.164. */
  address: string;
  /** The lead. */
  lead: number | null;
  /** By which channel. */
  channel: Channel;
  /** What for. */
  purpose: Purpose;
  /** The entry that decided: the withdrawal, suspicion or wrong number, or else the grant. */
  entry: ConsentEntry | null;
}

/** The switches: whether anything is sent, and by what. */
export interface SettingsRoom {
  /** The switches as they stand. */
  get(): Promise<Settings>;

  /**
   * Turns the switches that are named. Each change is an operation of the log, with the switches before
   * and after. What waits in the outbox for what was changed is decided on anew.
   *
   * @example
   * await db.asActor("mia", { reason: "campaign approved" }).settings.set({ sending: true });
   * const amount = { amount: "10", currency: "USD" };
   * await db.settings.set({ budgets: [{ name: "march", amount, alertAt: [0.8] }], rates: { "*": 1 } });
   */
  set(options: SettingsChange): Promise<Settings>;
}

/** Which switches to turn; those that are not named stay. */
export interface SettingsChange {
  /** Whether anything is sent at all. */
  sending?: boolean | null;
  /** Whether this database was put back from elsewhere; see {@link Settings.restored}. */
  restored?: boolean | null;
  /** Whether text messages are sent. */
  sms?: boolean | null;
  /** Whether calls are made. */
  voice?: boolean | null;
  /** Whether automations run. */
  automations?: boolean | null;
  /** Campaigns whose messages wait; in the place of those before. */
  paused?: string[] | null;
  /** The URL under which the provider reaches this host; empty clears it. */
  publicUrl?: string | null;
  /** The account that this database sends by; empty lets the next dispatch bind it anew. */
  account?: string | null;
  /** Hours in which nobody is contacted; the same time twice clears them. */
  quietHours?: QuietHours | null;
  /** Days that count as holidays for everybody; in the place of those before. */
  holidays?: string[] | null;
  /** Rules that stand above leadkit's own; in the place of those before. */
  rules?: RuleTable | null;
  /** The countries to which anything is sent; in the place of those before, and none is all. */
  countries?: string[] | null;
  /** Segments of text a second by sender; in the place of those before. */
  rates?: Record<string, number> | null;
  /** Messages for marketing that a number gets within 24 hours; 0: any number. */
  marketingPerDay?: number | null;
  /** How much may be spent; in the place of the budgets before. */
  budgets?: Budget[] | null;
  /** Prices; in the place of those before, and an empty table brings leadkit's own back. */
  prices?: PriceTable | null;
  /** How long what is kept; in the place of the rules before. */
  retention?: RetentionRule[] | null;
  /** The time zones of owners; in the place of those before. */
  ownerZones?: Record<string, string> | null;
  /**
   * What roles see, by the role's name; in the place of the profiles before. Views of a profile that is not
   * among them see nothing any more.
   */
  profiles?: Record<string, AccessProfile> | null;
}

/** All of a field; a hint, such as initials or the last two digits of a number; nothing. */
export type FieldAccess = "show" | "mask" | "hide";

/** What a role sees of leads and contacts. */
export interface AccessProfile {
  /**
   * Rules by name: a field of leads, `custom.KEY`, `contact.address`, `contact.subject`, `contact.body`,
   * `contact.price`.
   */
  fields?: Record<string, FieldAccess>;
  /** The rule for all that is not named, fields that are defined later included. */
  others: FieldAccess;
}

/**
 * How much may be spent. Each message reserves its predicted price before it goes out; when the budget does not
 * hold it, it waits for the next period, or is refused when there is none.
 */
export interface Budget {
  /** Its name. */
  name: string;
  /** How much. */
  amount: Money;
  /** For which time; `month` by default. */
  period?: BudgetPeriod;
  /** Only for messages of this campaign. */
  campaign?: string | null;
  /** At which parts of it somebody is told: 0.8 is four fifths. */
  alertAt?: number[];
}

/** For which time a budget is: each day or each month, of UTC; or once and for all. */
export type BudgetPeriod = "day" | "month" | "total";

/**
 * Prices by country, of a day. A provider's real price differs by account and network; it is told after a message
 * went out, and {@link CostRow.drift} says by how much.
 */
export interface PriceTable {
  /** The day or month of these prices. */
  asOf?: string;
  /** Where they were read. */
  source?: string;
  /** ISO 4217. */
  currency?: string;
  /** Of one segment of a text message, by country (ISO 3166-1 alpha-2); `*` is for all others. */
  sms?: Record<string, string>;
  /** Of one begun minute of a call, by country; `*` is for all others. */
  calls?: Record<string, string>;
}

/** The switches as they stand. Each change is an operation, so that the log tells who turned what. */
export interface Settings {
  /**
   * Whether anything is sent at all. Off in a new database, and in every backup and copy: what was sent
   * already must not be sent again from there.
   */
  sending: boolean;
  /**
   * Whether this is a copy or was restored: what waits in its outbox may have gone out elsewhere. When sending
   * is switched on, such messages count as `unknown` until the provider was asked. Backups and copies have it
   * set; set it by hand in a file that was put back by other means.
   */
  restored: boolean;
  /** Whether text messages are sent. */
  sms: boolean;
  /** Whether calls are made. */
  voice: boolean;
  /** Whether automations run. */
  automations: boolean;
  /** Campaigns whose messages wait. */
  paused: string[];
  /** The URL under which the provider reaches this host: what becomes of a message is reported there. */
  publicUrl: string | null;
  /**
   * The provider's account that this database sends by, and where, such as `twilio AC… live`. The first
   * dispatch binds it; another account or a test server is refused then.
   */
  account: string | null;
  /** Hours in which nobody is contacted, by the clock where the person is; beyond the law's. */
  quietHours: QuietHours | null;
  /** Days that count as holidays for everybody, such as `2026-12-24`. */
  holidays: string[];
  /** Rules on the hours of contact that stand above leadkit's own. */
  rules: RuleTable;
  /** The countries to which anything is sent (ISO 3166-1 alpha-2); none named: all. */
  countries: string[];
  /**
   * How many segments of text a sender takes a second, by number or messaging service; `*` is for all that are
   * not named. Without either there is no limit here, and the provider holds its own.
   */
  rates: Record<string, number>;
  /** Messages for marketing that a number gets within 24 hours, at most; 0: any number. */
  marketingPerDay: number;
  /** How much may be spent. */
  budgets: Budget[];
  /** Prices, in the place of leadkit's own; none in it: leadkit's own. */
  prices: PriceTable;
  /** What roles see, by the role's name; `asActor` gives views of them. */
  profiles: Record<string, AccessProfile>;
  /** How long what is kept; `privacy.applyRetention` erases what is older. */
  retention: RetentionRule[];
  /** The time zones of owners, by the owner's name (IANA names): what is to happen by their clock. */
  ownerZones: Record<string, string>;
}

/**
 * What the law asks about a person's data: handing all of it out, erasing it, keeping nothing longer than it is
 * needed.
 */
export interface Privacy {
  /**
   * All that is stored about a person: leads with their history, the files they came from, every contact and
   * consent entry (GDPR Articles 15 and 20).
   *
   * @throws {LeadkitError} `invalid_argument` when nobody is named; `invalid_value` for an address that is
   * none; `not_found`.
   *
   * @example
   * const mine = await db.privacy.exportPerson({ address: "+49 30 23125014" });
   * await mine.saveHtml("ada.html");
   */
  exportPerson(options: PersonOptions): Promise<PersonExport>;

  /**
   * Erases a person: leads, what the log and stored filters kept of them, originals, contacts, words of the
   * index, consent entries but for their dates, idempotency keys, waiting rejected rows. Ids, times and costs
   * stay, and of each number a fingerprint under a key of the host's, by which it stays blocked. Then the
   * store's files are written anew. It cannot be taken back.
   *
   * @param legalBasis On which ground, such as `GDPR Art. 17(1)(b)`.
   * @param options.transport Its `erase(sid)` deletes the provider's copy of each message and call.
   * @throws {LeadkitError} `invalid_argument` without a legal basis or a person; `invalid_value`,
   * `not_found`; `on_hold`, with the reason; `erased` when they were already; `key_missing` for a database
   * opened without `keys`; `conflict` while a message to them is being handed over. Nothing is erased then.
   *
   * @example
   * const certificate = await db.privacy.erasePerson("GDPR Art. 17(1)(b)", { lead: ada.id });
   * console.log(certificate.erased.leads, certificate.beyond.map((beyond) => beyond.advice));
   */
  erasePerson(
    legalBasis: string,
    options: ErasureOptions & { transport?: Twilio | Transport },
  ): Promise<ErasureCertificate>;

  /**
   * The certificates of what was erased, the newest first.
   *
   * @throws {LeadkitError} `invalid_argument` for a cursor that no page gave.
   */
  erasures(options?: ErasureListOptions): Promise<Page<ErasureCertificate>>;

  /**
   * Forbids to erase a person, by hand or by a rule, and says why: a lawsuit, a duty to keep (GDPR
   * Art. 17(3)). Gives the holds, one for each of the person's leads.
   *
   * @throws {LeadkitError} `invalid_argument` without a reason or a person; `invalid_value`, `not_found`.
   */
  hold(reason: string, options: PersonOptions): Promise<Hold[]>;

  /**
   * Allows it again; gives how many leads were held.
   *
   * @throws {LeadkitError} As {@link Privacy.hold}.
   */
  release(options: PersonOptions): Promise<number>;

  /** All holds, by lead. */
  holds(): Promise<Hold[]>;

  /**
   * Finds what is kept longer than `settings.retention` allows. Unless `erase` is said it changes nothing and
   * only tells. Leads are erased as by {@link Privacy.erasePerson}, but may be contacted again when they come
   * back; of contacts the texts and addresses go; before-images of changes are removed.
   *
   * @throws {LeadkitError} `not_found` for a rule that is not there; `key_missing`; `invalid_filter`,
   * `unknown_field` for a rule's filter; `invalid_argument` for changes that undo still needs.
   */
  applyRetention(options?: RetentionOptions): Promise<RetentionReport>;

  /**
   * Writes the store's files anew, so that freed storage holds nothing of what was erased. Erasing does so by
   * itself; call it where a certificate says `compacted: false`, since others used the store.
   *
   * @throws {LeadkitError} `busy` when others use it; `disk_full`, `read_only`, `io`.
   */
  compact(): Promise<void>;
}

/** Whom a call of {@link Privacy} is about: a lead with all that were merged with it, or whoever has an address. */
export interface PersonOptions {
  /** A lead. The ones that were merged into it, or that it was merged into, are the same person. */
  lead?: number | null;
  /**
   * An email address or a phone number with its country's code: all leads that have it, deleted ones included,
   * and contacts that belong to no lead.
   */
  address?: string | null;
}

/** Options of {@link Privacy.erasePerson}. */
export interface ErasureOptions {
  /** A lead; see {@link PersonOptions}. */
  lead?: number | null;
  /** An email address or a phone number; see {@link PersonOptions}. */
  address?: string | null;
  /** When the person asked for it; the certificate says so. */
  requestedAt?: Date | string | null;
  /**
   * Whether the person's numbers may be contacted again when they come back, as by an import. Unless this is
   * said they stay blocked, by their fingerprints.
   */
  contactAgain?: boolean;
}

/** Options of {@link Privacy.erasures}. */
export interface ErasureListOptions {
  /** Certificates of a page; 100 by default. */
  limit?: number;
  /** Where the page begins: `nextCursor` of the one before. */
  cursor?: string | null;
}

/** Options of {@link Privacy.applyRetention}. */
export interface RetentionOptions {
  /** Erases what is due. Unless this is said, nothing is changed and the report tells what would be. */
  erase?: boolean;
  /** Only the rule of this name. */
  rule?: string | null;
}

/**
 * Leads that nobody changed and nobody was in contact with for so long; contacts; before-images of changes.
 */
export type RetentionData = "leads" | "contacts" | "changes";

/** How long something is kept; `settings.retention` holds them. */
export interface RetentionRule {
  /** Its name; each rule has its own. */
  name: string;
  /** What it is about. */
  data: RetentionData;
  /** Days after which it is erased; at least 1. */
  days: number;
  /** Only leads that pass this, or contacts with them; `changes` take none. */
  filter?: Filter | null;
  /** Only contacts of these channels; of all when none is named. */
  channels?: ContactChannel[];
}

/** All that is stored about a person (GDPR Articles 15 and 20; CCPA 1798.110). Its properties are plain data. */
export class PersonExport {
  private constructor();

  /** When it was read. */
  readonly at: Date;
  /** The leads that are this person, deleted and merged ones included. */
  readonly leads: Lead[];
  /** Every change of each. */
  readonly history: PersonHistory[];
  /** The imports and other operations that the data came by, in their order. */
  readonly sources: PersonSource[];
  /** Every contact, the newest first, corrected entries included. */
  readonly contacts: PersonContact[];
  /** What the consent ledger holds about the person's numbers, in the order of entry. */
  readonly consent: ConsentEntry[];
  /** What forbids to erase the data. */
  readonly holds: Hold[];

  /** The export as indented JSON, for machines (GDPR Art. 20). */
  toJson(): string;

  /** The export as one self-contained HTML page, without scripts, that the person can read. */
  toHtml(): string;

  /**
   * Saves that page, readable for its owner only; an existing file is replaced in one step.
   *
   * @throws {LeadkitError} `file_not_found` when the folder does not exist, `is_directory`,
   * `permission_denied`, `disk_full`, `io`.
   */
  saveHtml(path: string | URL): Promise<void>;
}

/** The changes of one of a person's leads. */
export interface PersonHistory {
  /** The lead. */
  lead: number;
  /** Its changes, the newest first. */
  changes: LeadChange[];
}

/** An operation that brought or changed data of a person. */
export interface PersonSource {
  /** The operation. */
  operationId: number;
  /** What it did. */
  kind: OperationKind;
  /** When it began. */
  at: Date;
  /** The name of its file. */
  file: string | null;
  /** Who did it. */
  actor: string | null;
}

/** A contact with what happened to it. */
export interface PersonContact {
  /** The contact. */
  contact: Communication;
  /** What happened to it, in order. */
  events: CommunicationEvent[];
}

/** Why a person's data must not be erased, such as a lawsuit (GDPR Art. 17(3)(e)). */
export interface Hold {
  /** The lead. */
  lead: number;
  /** Why. */
  reason: string;
  /** Since when. */
  at: Date;
  /** Who said so. */
  actor: string | null;
}

/**
 * What was erased, what was kept and why, and what leadkit cannot reach. It holds ids, counts and fingerprints,
 * and nothing of the person. Its properties are plain data.
 */
export class ErasureCertificate {
  private constructor();

  /** Its number. */
  readonly id: number;
  /** When it was done. */
  readonly at: Date;
  /** When the person asked for it. */
  readonly requestedAt: Date | null;
  /** Who did it. */
  readonly actor: string | null;
  /** On which ground, such as `GDPR Art. 17(1)(b)`. */
  readonly legalBasis: string;
  /** The operation in the log. */
  readonly operationId: number;
  /** The leads that were this person: what is left of each is its id and its times. */
  readonly leads: number[];
  /**
   * How much was erased, by what: `leads`, `changes`, `contacts`, `consent_entries`, `operations`, `conflicts`,
   * `rejected_rows`.
   */
  readonly erased: Record<string, number>;
  /** The addresses that stay blocked, by their fingerprints. */
  readonly suppressed: Suppression[];
  /** What was kept, and why. */
  readonly kept: Kept[];
  /** What is out of reach, and who must do something about it. */
  readonly beyond: Beyond[];
  /**
   * Whether the file was rewritten after it, so that the storage that was freed holds nothing either. Where it
   * is false, call {@link Privacy.compact}.
   */
  readonly compacted: boolean;

  /** The certificate as indented JSON. */
  toJson(): string;

  /** The certificate as one self-contained HTML page, without scripts and nothing of the person. */
  toHtml(): string;

  /**
   * Saves that page, readable for its owner only; an existing file is replaced in one step.
   *
   * @throws {LeadkitError} As {@link PersonExport.saveHtml}.
   */
  saveHtml(path: string | URL): Promise<void>;
}

/** An address of which only a fingerprint is left. */
export interface Suppression {
  /** `phone` or `email`. */
  kind: string;
  /** What it is recognised by. */
  fingerprint: Fingerprint;
}

/** What stands for a text without telling it: an HMAC-SHA-256 under one of the host's keys. */
export interface Fingerprint {
  /** The key that made it. */
  keyId: string;
  /** 64 hexadecimal digits. */
  mac: string;
}

/** Something of the person's records that was kept. */
export interface Kept {
  /** What: `contact_facts`, `consent_dates`, `shared_addresses`, `mentions`. */
  what: string;
  /** Why. */
  why: string;
  /** Ids, where somebody may want to look: leads of shared addresses, contacts of mentions. */
  ids: number[];
}

/** Something that holds the person's data and that leadkit cannot erase. */
export interface Beyond {
  /** What: `backups`, `files`, `provider`, `server_log`. */
  what: string;
  /** What is to be done about it, and by whom. */
  advice: string;
  /** When the provider's own copy is gone at the latest, where one was deleted there. */
  until: Date | null;
  /** Ids: of the operations that wrote the files, or of the provider. */
  ids: string[];
}

/** What the rules of retention found. */
export interface RetentionReport {
  /** Whether anything was erased. */
  erased: boolean;
  /** Each rule, in the order of the settings. */
  rules: RetentionResult[];
  /** Whether the file was rewritten after it; see {@link ErasureCertificate.compacted}. */
  compacted: boolean;
}

/** What a rule of retention found. */
export interface RetentionResult {
  /** The rule. */
  name: string;
  /** What it is about. */
  data: RetentionData;
  /** What is older than this is due. */
  before: Date;
  /** How many are due; of changes, which are counted only as they go, 0 in a dry run. */
  due: number;
  /** How many of them a hold keeps. */
  held: number;
  /** The first of them: ids of leads or contacts. */
  sample: number[];
}

/** Texts for messages and calls, by name and version. */
export interface Templates {
  /**
   * Saves a text under a name, as the name's next version; saved once more unchanged, it stays the
   * version it is. A text sees `lead.*`, `owner.name` and what the caller gives as `vars.*`; values are
   * filled in once and never rendered.
   *
   * @throws {LeadkitError} `invalid_template` for a text that is none, in any language, and for variables
   * that nobody fills; `invalid_argument` for the name, and for defaults of variables that no text uses.
   *
   * @example
   * const defaults = { "lead.first_name": "there" };
   * await db.templates.save("hello", "Hi {{ lead.first_name }}!", { defaults });
   * console.log((await db.templates.render("hello", { lead: 1 })).text);
   */
  save(name: string, body: string, options?: TemplateOptions): Promise<MessageTemplate>;

  /** A version of a template, by default the last; null when there is no such. */
  get(name: string, options?: TemplateVersion): Promise<MessageTemplate | null>;

  /** The last version of each template, archived ones included, by name. */
  list(): Promise<MessageTemplate[]>;

  /**
   * Fills a template in, as a message would have it; nothing is sent.
   *
   * @throws {LeadkitError} `not_found` for the template, its version and the lead;
   * `template_value_missing` for a variable that holds nothing and has no default.
   */
  render(name: string, options?: RenderOptions): Promise<RenderedTemplate>;

  /**
   * Puts a template away: it is shown, and not used any more until it is saved again.
   *
   * @throws {LeadkitError} `not_found`.
   */
  archive(name: string): Promise<MessageTemplate>;
}

/** Options of {@link Templates.save}. */
export interface TemplateOptions {
  /** By which channel it goes out; `sms` by default. */
  channel?: Channel | null;
  /**
   * Texts in other languages, by tag such as `de`; a lead's language chooses, and the body is for all
   * others.
   */
  locales?: Record<string, string>;
  /** What stands for variables that hold nothing, by name such as `lead.first_name`. */
  defaults?: Record<string, string>;
}

/** Options of {@link Templates.get}. */
export interface TemplateVersion {
  /** Its number; the last by default. */
  version?: number | null;
}

/** Options of {@link Templates.render}. */
export interface RenderOptions {
  /** The lead; a made-up one when left out, to look at the text. */
  lead?: number | null;
  /** Values of the caller's, which the text calls `vars.*`. */
  vars?: Record<string, unknown>;
  /** The language; the lead's by default. */
  locale?: string | null;
  /** The version; the last by default. */
  version?: number | null;
}

/** One version of a template. Versions are never changed: what was sent by one can be shown again. */
export interface MessageTemplate {
  /** Its name. */
  name: string;
  /** Its number, counted from 1. */
  version: number;
  /** By which channel it goes out. */
  channel: Channel;
  /** The text for languages that have none of their own. */
  body: string;
  /** Texts by language. */
  locales: Record<string, string>;
  /** What stands for variables that hold nothing. */
  defaults: Record<string, string>;
  /** The variables that its texts use, such as `lead.first_name`. */
  variables: string[];
  /** Whether it was put away: it is not used any more. */
  archived: boolean;
  /** When this version was saved. */
  createdAt: Date;
  /** By whom. */
  actor: string | null;
}

/** A template filled in. */
export interface RenderedTemplate {
  /** The template. */
  name: string;
  /** Its version. */
  version: number;
  /** The language whose text was taken; null: the body. */
  locale: string | null;
  /** The text. */
  text: string;
  /** The segments that it makes as a text message; 0 for what is read out. */
  segments: number;
  /** What it is expected to cost; null where the table of prices does not say. */
  predicted: Money | null;
  /** What one should look at before it is sent. */
  warnings: TemplateWarning[];
}

/** Something to look at before a text is sent. */
export interface TemplateWarning {
  /** Why. */
  code: TemplateWarningCode;
  /** For people. */
  message: string;
  /** The character, or the variable. */
  about: string | null;
  /** What could be written in the character's place. */
  replacement: string | null;
}

/**
 * Why a text should be looked at: it does not say how to end contact (`Reply STOP`); a character beyond GSM-7 makes
 * it longer, and dearer, than it had to be; a name of the lead's is a web address, which phones show as a link.
 */
export type TemplateWarningCode = "no_opt_out" | "non_gsm" | "url_in_name";

/** The statuses that leads may have, and the ways between them. */
export interface Statuses {
  /**
   * The list, in its order. A new database has a usual one, from which any status may follow any
   * other, and keeps unknown ones with a warning.
   */
  list(): Promise<Status[]>;

  /**
   * Replaces the list. From then on a status that is not in it is invalid, and bulk operations keep
   * to its ways; leads that have another one keep it until they are moved.
   *
   * @throws {LeadkitError} `invalid_argument` for an empty list, for empty and repeated keys, and
   * for a way to a status that is not in the list.
   *
   * @example
   * await db.statuses.define([
   *   { key: "new", next: ["contacted", "lost"] },
   *   { key: "contacted", next: ["won", "lost"] },
   *   { key: "won", next: [] },
   *   { key: "lost" },
   * ]);
   */
  define(statuses: StatusDefinition[]): Promise<Status[]>;
}

/** One status, as {@link Statuses.define} takes it. */
export interface StatusDefinition {
  /** The word that leads carry, compared as texts are: without case and accents. */
  key: string;
  /** The name for people; the key when left out. */
  label?: string;
  /** The statuses that may follow; null: any may. */
  next?: string[] | null;
}

/** One status of the list. */
export type Status = Required<StatusDefinition>;

// --- Operations on many leads ----------------------------------------------------------------

/**
 * Operations on many leads. Each is planned, looked at, and run; `operations.undo` takes it back.
 *
 * A plan changes nothing. It is stored, so that planning and running may be two web requests, and it
 * is for the leads as they are now: those that others change before the run are left alone.
 */
export interface Bulk {
  /**
   * Plans to change fields and tags.
   *
   * @throws {LeadkitError} `unknown_field`, `invalid_filter`, `invalid_value`, `invalid_template`,
   * `invalid_argument`, `unknown_option`.
   *
   * @example
   * const plan = await db.bulk.planUpdate({ source: "fair" }, {
   *   set: { owner: "mia", notes: { template: "Met {{ lead.first_name }} at the fair" } },
   *   addTags: ["spring"],
   * });
   * console.log(plan.changes, plan.sample[0]?.fields.notes?.after);
   * const done = await db.bulk.run(plan);
   * await db.operations.undo(done);
   */
  planUpdate(filter: Filter, options?: PlanUpdateOptions): Promise<Plan>;

  /**
   * Plans to delete leads. They can be restored, by an undo or one by one; all of them at once only
   * by `{ all: true }`.
   *
   * @throws {LeadkitError} `unknown_field`, `invalid_filter`, `invalid_argument`.
   */
  planDelete(filter: Filter, options?: PlanOptions): Promise<Plan>;

  /**
   * Plans to give leads to owners.
   *
   * @throws {LeadkitError} `unknown_field`, `invalid_filter`, `invalid_value`, `invalid_argument`.
   *
   * @example
   * await db.bulk.planAssign({ status: "new" }, { round_robin: ["mia", "tom"] });
   */
  planAssign(filter: Filter, to: Assignment, options?: PlanOptions): Promise<Plan>;

  /**
   * Plans to move leads to another status, by the ways that `statuses` allows; those that may not go
   * there are left alone, as `forbidden_transition`.
   *
   * @throws {LeadkitError} `unknown_field`, `invalid_filter`, `invalid_value`, `invalid_argument`.
   */
  planStatus(filter: Filter, status: string, options?: PlanOptions): Promise<Plan>;

  /**
   * Plans to merge leads: what stays takes what the others have beyond it, and their ids become its
   * aliases. Each group is merged as a whole or left alone.
   *
   * @throws {LeadkitError} `invalid_argument`.
   *
   * @example
   * await db.bulk.planMerge([{ keep: 1, merge: [2, 3] }]);
   */
  planMerge(groups: MergeGroup[], options?: PlanOptions): Promise<Plan>;

  /**
   * Plans to remove leads for good, deleted ones included, with their history. No undo brings them
   * back, and the run always wants their number.
   *
   * @throws {LeadkitError} `unknown_field`, `invalid_filter`, `invalid_argument`.
   */
  planPurge(filter: Filter, options?: PlanOptions): Promise<Plan>;

  /**
   * Plans to take an operation back; see {@link Operations.undo}.
   *
   * @throws {LeadkitError} `not_found`, `not_undoable`, `already_undone`, `undo_expired`,
   * `operation_running`, `unknown_field`.
   */
  planUndo(operation: Operation | ImportReport | number, options?: PlanUndoOptions): Promise<Plan>;

  /**
   * A plan that was made before and not run yet.
   *
   * @throws {LeadkitError} `not_found`.
   */
  planOf(token: string): Promise<Plan>;

  /**
   * Runs a plan, or goes on with one that was interrupted. One that is done gives its result once
   * more: a repeated call changes nothing.
   *
   * @param plan A plan or its token.
   * @throws {LeadkitError} `not_found`, `plan_expired`, `confirmation_needed`, `operation_running`,
   * `conflict` (the idempotency key of another request), `undo_conflict`, `cancelled`; those of the
   * store. What was committed stays, and the same call goes on from there.
   */
  run(plan: Plan | string, options?: RunOptions & Watched): Promise<Operation>;
}

/**
 * Who gets the leads: an owner's name (also `{ to: name }`); owners in turn, in the order of the
 * leads' ids; in turn, each as often as its weight says; or the owner of the first rule whose filter
 * finds the lead. It is data, as a filter is, and spelled alike in every language.
 */
export type Assignment =
  | string
  | { to: string }
  | { round_robin: string[] }
  | { weighted: Record<string, number> }
  | { territory: Territory };

/** Rules that give a lead to the owner of its territory. */
export interface Territory {
  /** The rules, the first that fits wins. */
  rules: TerritoryRule[];
  /** Who gets leads that no rule finds; without it they are left alone, as `no_owner`. */
  otherwise?: string | null;
}

/** One rule of a {@link Territory}. */
export interface TerritoryRule {
  /** Which leads. */
  filter: Filter;
  /** Whose they are. */
  owner: string;
}

/** Leads that are one. */
export interface MergeGroup {
  /** The lead that stays. */
  keep: number;
  /** The leads that become part of it; their ids stay as aliases. */
  merge: number[];
}

/** Options of every `plan...`. */
export interface PlanOptions {
  /** A name for the list of operations. */
  name?: string | null;
  /** Leads with the tag `protected` are taken too. */
  includeProtected?: boolean;
  /** Leads that the plan shows before and after; 10 when 0, 100 at most. */
  sample?: number;
  /** Seconds until the plan may no longer be run; an hour when 0, 30 days at most. */
  expiresIn?: number;
  /** Lets automations be set off by the changes; the plan says how many leads they look at. */
  automations?: boolean;
}

/** Options of {@link Bulk.planUpdate}. */
export interface PlanUpdateOptions extends PlanOptions {
  /**
   * New values by field: a value, `null` to clear, or `{ template: "..." }` to compute it from the
   * lead. A value is never read as a template, and what a template gives is not rendered again.
   */
  set?: { [name in FieldName]?: Value | { template: string } };
  /** Tags to add. */
  addTags?: string[];
  /** Tags to remove. */
  removeTags?: string[];
}

/** What an undo takes back. */
export interface UndoOptions {
  /** Only these leads. */
  leads?: number[] | null;
  /** Only these fields. */
  fields?: FieldName[] | null;
  /** What happens to values that others changed since; `skip` when left out. */
  onConflict?: OnConflict;
}

/** Options of {@link Bulk.planUndo}. */
export interface PlanUndoOptions extends UndoOptions, PlanOptions {}

/**
 * What an undo does with values that others changed since: `skip` leaves them as they are and lists
 * them; `force` takes them back all the same, as far as that is lawful; `abort` changes nothing at
 * all when there is one.
 */
export type OnConflict = "skip" | "force" | "abort";

/** Options of {@link Bulk.run} and {@link Operations.resume}. */
export interface RunOptions {
  /**
   * The plan's count, typed by a person: needed above the database's `confirmAbove`, and always for
   * a purge.
   */
  confirm?: number | null;
  /** Leads of one transaction; 5,000 when 0. */
  chunk?: number;
  /** A key of the caller's: a repeated call with it gives the first one's operation. */
  idempotencyKey?: string | null;
}

/** Options of {@link Operations.undo}. */
export interface UndoRunOptions extends UndoOptions {
  /** Leads of one transaction; 5,000 when 0. */
  chunk?: number;
  /** A key of the caller's: a repeated call with it gives the first one's operation. */
  idempotencyKey?: string | null;
}

/** What an operation would do: nothing has been changed yet. */
export interface Plan {
  /** What `run` takes; it stands for this very request on these very leads. */
  token: string;
  /** The entry in `operations`. */
  operationId: number;
  /** What would be done. */
  kind: OperationKind;
  /** How many leads it found. Those that others change before the run are left alone then. */
  count: number;
  /** How many of them would change. */
  changes: number;
  /** Some of them, before and after. */
  sample: PlannedChange[];
  /** What one should know before running it. */
  warnings: PlanWarning[];
  /** Whether `run` wants the count typed. */
  needsConfirmation: boolean;
  /** What an undo cannot bring back. */
  irreversible: string[];
  /** When it was made. */
  plannedAt: Date;
  /** Until when it may be run. */
  expiresAt: Date;
  /** The messages that it would queue, for a plan of messages. */
  messages: MessagePlan | null;
  /** Leads that automations would look at, where that was asked for. */
  automations: number | null;
}

/** A lead before and after, as a plan shows it. */
export interface PlannedChange {
  /** The lead. */
  lead: number;
  /** Its name. */
  name: string;
  /** The fields that change, by field name. */
  fields: Record<string, { before: Value; after: Value }>;
}

/** Something to know before running a plan. */
export interface PlanWarning {
  /** Why: `unchanged`, or a conflict's code. */
  code: WarningCode;
  /** For people. */
  message: string;
  /** How many leads, or single values of them. */
  count: number;
  /** Some of the leads. */
  examples: number[];
}

/** `unchanged`: the leads are as wanted already; else they would be left alone, for this reason. */
export type WarningCode = "unchanged" | ConflictCode;

// --- Operations ------------------------------------------------------------------------------

/** What was done to a database: who, when, from which file, with what result. */
export interface Operations {
  /**
   * Operations, the newest first.
   *
   * @throws {LeadkitError} `invalid_argument` for a cursor that no page gave.
   */
  list(options?: ListOptions): Promise<Page<Operation>>;

  /**
   * One operation.
   *
   * @throws {LeadkitError} `not_found`.
   */
  get(id: number): Promise<Operation>;

  /**
   * Takes an operation back: a bulk operation, an import, an edit, or an undo, which is then done
   * again. Leads that it created are deleted, values that it wrote become what they were.
   *
   * A value that somebody has changed since, and a lead whose external id or email another one has by
   * now, are conflicts: left alone and listed by {@link Operations.conflicts}, unless `onConflict`
   * says otherwise. A part of it can be taken back by naming leads or fields.
   *
   * @param operation An operation, an import's report, or an id.
   * @throws {LeadkitError} `not_found`, `not_undoable`, `already_undone`, `undo_expired`,
   * `undo_conflict` (when asked to abort), `operation_running`, `unknown_field`; `cancelled` and
   * those of the store, after which `resume` goes on.
   *
   * @example
   * const report = await db.importLeads("wrong-file.csv");
   * const undone = await db.operations.undo(report);
   * for (const { lead, code } of await db.operations.conflicts(undone.id)) console.log(lead, code);
   */
  undo(operation: Operation | ImportReport | number, options?: UndoRunOptions & Watched): Promise<Operation>;

  /**
   * Goes on with a bulk operation or an undo that was cancelled or interrupted.
   *
   * @throws {LeadkitError} `not_found`, `invalid_argument` for other kinds; otherwise as
   * {@link Bulk.run}.
   */
  resume(id: number, options?: RunOptions & Watched): Promise<Operation>;

  /**
   * Withdraws a plan, or stops an operation that any process runs, after its current chunk. What was
   * committed stays, and can be gone on with or taken back.
   *
   * @throws {LeadkitError} `not_found`; `conflict` when it is over.
   */
  cancel(id: number): Promise<Operation>;

  /**
   * What an operation left alone, lead by lead or value by value, and why.
   *
   * @throws {LeadkitError} `not_found`; `invalid_argument` for a cursor that no page gave.
   */
  conflicts(id: number, options?: ConflictOptions): Promise<Page<Conflict>>;

  /**
   * Removes the before-images of changes that are older than some days, and tells how many. Histories
   * then begin later, and what was done before can no longer be taken back.
   *
   * @throws {LeadkitError} `invalid_argument` for fewer days than undo is possible for.
   */
  prune(olderThanDays: number): Promise<number>;
}

/** Options of {@link Operations.list}. */
export interface ListOptions {
  /** Only operations of this kind. */
  kind?: OperationKind | null;
  /** Only operations in this state. */
  state?: OperationState | null;
  /** Only operations of this actor. */
  actor?: string | null;
  /** Only operations that began at this instant or later. */
  since?: Date | string | null;
  /** Only operations that began before this instant. */
  until?: Date | string | null;
  /** How many at most; 100 when 0. */
  limit?: number;
  /** Goes on after the page that gave this `nextCursor`. */
  cursor?: string | null;
}

/** Options of {@link Operations.conflicts}. */
export interface ConflictOptions {
  /** How many at most; 100 when 0. */
  limit?: number;
  /** Goes on after the page that gave this `nextCursor`. */
  cursor?: string | null;
}

/** What an operation did. */
export type OperationKind =
  | "import"
  | "export"
  | "add"
  | "update"
  | "define_field"
  | "define_statuses"
  | "bulk_update"
  | "bulk_assign"
  | "bulk_status"
  | "bulk_delete"
  | "bulk_merge"
  | "purge"
  | "erase"
  | "hold"
  | "restore"
  | "undo"
  | "prune"
  | "change_settings"
  | "save_template"
  | "queue_sms"
  | "import_contacts"
  | "save_automation";

/**
 * Where an operation stands; what is `planned` may be run until it expires, and what is `running`,
 * `cancelled` or `failed` goes on by the same call.
 */
export type OperationState = "planned" | "running" | "finished" | "cancelled" | "failed";

/** Why an operation left a lead, or one field of it, alone. */
export type ConflictCode =
  | "changed"
  | "key_taken"
  | "erased"
  | "purged"
  | "forbidden_transition"
  | "invalid_value"
  | "template_value_missing"
  | "no_owner"
  | "protected"
  | "deleted"
  | "not_contacted"
  | "sent";

/** What an operation left alone, and why. */
export interface Conflict {
  /** The lead. */
  lead: number;
  /** Why. */
  code: ConflictCode;
  /** The field; null for the whole lead. */
  field: string | null;
  /** The value that the operation would write, or wrote and now takes back. */
  wanted: Value;
  /** The value that is there now. */
  found: Value;
}

/** One entry of `db.operations`. */
export interface Operation {
  /** The key in this database. */
  id: number;
  /** What was done. */
  kind: OperationKind;
  /** Where it stands. */
  state: OperationState;
  /** A name given by the caller. */
  name: string | null;
  /** Who did it. */
  actor: string | null;
  /** Why. */
  reason: string | null;
  /** When it began. */
  startedAt: Date;
  /** When it ended. */
  finishedAt: Date | null;
  /** Seconds of work, over all its runs. */
  seconds: number;
  /** The file's name, without its folder. */
  file: string | null;
  /** BLAKE3 of the file's content, in hexadecimal. */
  fileHash: string | null;
  /** Column to field, as it was used. */
  mapping: Record<string, string | null>;
  /** What it counted: `rows`, `created`, `updated` ... */
  counts: Record<string, number>;
  /** The options it ran with, as data: their names are in snake_case. */
  options: unknown;
  /** Leads that its plan found. */
  planned: number;
  /** Leads that it changed. */
  changed: number;
  /** Leads that it left alone, with the reason in `operations.conflicts`. */
  skipped: number;
  /** Entries of `operations.conflicts`: leads, or single fields of them, left alone. */
  conflicts: number;
  /** The operation that it took back. */
  undoOf: number | null;
  /** Until when a plan may be run. */
  expiresAt: Date | null;
}

// --- Import and export -----------------------------------------------------------------------

/**
 * Where a file's bytes come from: a path (a string is always a path) or `file:` URL; bytes; or a
 * stream of bytes or UTF-8 text: a Node `Readable`, a web `ReadableStream`, or any async iterable.
 * A stream is read once, as fast as it is needed, and closed when the call ends before it does.
 */
export type Source =
  | string
  | URL
  | ArrayBuffer
  | ArrayBufferView
  | AsyncIterable<Uint8Array | string>
  | WebStream;

/** A web `ReadableStream` of bytes or text, as `fetch` and `Blob` give it. */
export interface WebStream {
  getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array | string | undefined }> };
}

/** How to watch and stop a long call. */
export interface Watched {
  /**
   * Called on this thread with the progress, at most 20 times a second. What it throws, or rejects
   * with, stops the call and is what the call rejects with.
   */
  onProgress?: (progress: Progress) => void | Promise<void>;
  /**
   * Stops the call, also when it is aborted already: the promise rejects with a
   * {@link LeadkitError} whose `code` is `cancelled`, whose `name` is `AbortError` and whose `cause`
   * is the signal's reason. Whole batches stay, and the same call goes on from there.
   */
  signal?: AbortSignal;
}

/** How far a long call has come. */
export interface Progress {
  /** What is being done: `read`, `import`, `export`, `copy`, or a bulk operation's kind. */
  stage: string;
  /** Units done so far. */
  done: number;
  /** Units in all, where known. */
  total: number | null;
  /** What is counted: `bytes`, `rows`, `leads` or `records`. */
  unit: string;
  /** Units a second since the stage began. */
  rate: number;
  /** Seconds to go, where the total is known. */
  eta: number | null;
}

/** What to do with one column. */
export interface ColumnRule {
  /** The field or consent target the column goes to; several columns of one field are joined. */
  field?: string | null;
  /** Changes to each cell, in order. */
  transforms?: ("trim" | "lower" | "upper" | "title" | "digits")[];
  /** Splits the cell over several fields, in place of `field`; the last one takes the rest. */
  split?: { by: string; into: string[] } | null;
  /** Stands between the parts where several columns go to one text field; a blank by default. */
  join?: string | null;
}

/** What the people of an imported file agreed to: it makes the yes of an opt-in column a grant. */
export interface ImportConsent {
  /** Where the consent comes from, such as `web form`. */
  source: string;
  /** The words that the people agreed to. */
  wording: string;
  /** When they agreed; where that differs, the earliest. It must not lie in the future. */
  givenAt: Date;
  /** What for; marketing when none is given. */
  purpose?: Purpose;
  /** Where proof is kept: a document's name, a URL; none: the import and the line of its file. */
  proof?: string | null;
}

/** Options of {@link Database.importLeads} and {@link Database.previewImport}. */
export interface ImportOptions {
  /**
   * Column to field (or a rule, or null to leave it out), for columns leadkit should not map itself.
   * Columns about permission go to `consent.opt_out`, `consent.sms_opt_out`, `consent.do_not_call`,
   * `consent.opt_in`, `consent.sms_opt_in` or `consent.voice_opt_in`.
   */
  mapping?: Record<string, string | ColumnRule | null>;
  /** Keys by which rows match leads, tried in order; `[]` matches nothing. External id, then email, by default. */
  matchOn?: ("external_id" | "email" | "phone")[];
  /**
   * What happens to a row that matches: `merge` (the default) fills what is empty and unites lists;
   * `update` lets values of the row win, but an empty cell never clears; `skip`; `reject`; `create`
   * makes it a lead of its own.
   */
  onMatch?: "merge" | "update" | "skip" | "reject" | "create";
  /**
   * The country by which phone numbers without a country code are read (ISO 3166-1 alpha-2), where
   * the row itself has none.
   */
  defaultCountry?: string | null;
  /** Constants for every row: field to value; they win over the file. */
  set?: Values;
  /**
   * Fields without which a row is rejected, besides the rule that a lead needs an email, a phone, an
   * external id, or a name with a company.
   */
  required?: string[];
  /**
   * What happens to invalid values, by field: a wrong email rejects the row, anything else is dropped
   * with a warning, unless said otherwise here.
   */
  onInvalid?: Record<string, "reject" | "drop">;
  /**
   * What the people agreed to whom an opt-in column names. Without it such a column grants nothing;
   * withdrawals are entered always.
   */
  consent?: ImportConsent | null;
  /** Takes addresses under reserved domains (`.test`, `.invalid`; RFC 6761) as valid. */
  allowReservedDomains?: boolean;
  /** Columns that map to no field: `ignore` (the default) leaves them out, `custom` makes them custom text fields. */
  unmapped?: "ignore" | "custom";
  /** Overrides of what is found out about the file. */
  format?: FormatOptions;
  /** Reads, maps, checks and matches, and writes nothing. */
  dryRun?: boolean;
  /**
   * Where rejected rows go: `true` or left out, beside the source or the database under a free name;
   * `false`, nowhere; a path, to this file, which must not exist.
   */
  rejects?: boolean | string | URL | null;
  /** A name for the operation, for the list of operations. */
  name?: string | null;
  /** Imports a file once more that was imported before with the same options. */
  again?: boolean;
  /** Lets automations be set off by the leads that come in; the report says how many they look at. */
  automations?: boolean;
  /** Shows values in the report's examples as they are, not masked. */
  showValues?: boolean;
  /** Threads that read values, besides the writer; 0 takes the database's `threads`. */
  threads?: number;
}

/** How a column found its field; `nothing`: it did not, and is left out. */
export type MappedBy = "given" | "name" | "synonym" | "content" | "nothing";

/** One column of the file and where it went. */
export interface ColumnMapping {
  /** The column's name in the file. */
  column: string;
  /**
   * The fields it goes to: none when left out, several when split; a column about permission goes to the
   * consent ledger, by a name such as `consent.opt_out`.
   */
  fields: string[];
  /** How sure leadkit is, 0 to 1. */
  confidence: number;
  /** How the field was found. */
  by: MappedBy;
  /** Other fields it might have meant, best first. */
  alternatives: { field: string; confidence: number }[];
  /** Up to three values, masked unless asked. */
  examples: string[];
}

/** How often one rule struck in one field. */
export interface IssueCount {
  /** The rule. */
  code: IssueCode;
  /** How grave it was. */
  severity: Severity;
  /** The field; null for whole rows. */
  field: string | null;
  /** What is wrong and what to do. */
  message: string;
  /** How many rows. */
  count: number;
  /** The first rows, five at most: the line on which the record begins, and its value, masked unless asked. */
  examples: { row: number; value: string | null }[];
}

/** How complete and valid one field was in the file and is in the leads, in rows. */
export interface FieldQuality {
  /** Rows whose cell held something. */
  filledBefore: number;
  /** Rows whose cell held a valid value, as it stood or once normalised. */
  validBefore: number;
  /** Rows whose value normalising changed. */
  normalised: number;
  /** Accepted rows whose lead holds a value, by this row. */
  filledAfter: number;
}

/** What an import entered in the consent ledger, by phone number. */
export interface ConsentCounts {
  /** Withdrawals entered. */
  withdrawn: number;
  /** Withdrawals that the ledger had already; they are not entered twice. */
  known: number;
  /** Grants entered. */
  granted: number;
}

/** Times; the one part of a report that two equal runs do not share. */
export interface Timing {
  /** Seconds from call to return. */
  seconds: number;
  /** Rows a second. */
  rowsPerSecond: number;
}

/**
 * What an import did. `rows = created + updated + merged + skipped + rejected`, always; blank,
 * comment and preamble lines are no rows and are counted in `ignored`. Its properties are plain data.
 */
export class ImportReport {
  private constructor();

  /** The operation in `db.operations`; null in a dry run. */
  readonly operationId: number | null;
  /** What came in: `import` for leads, `import_contacts` for a history of contacts. */
  readonly kind: OperationKind;
  /** The file's name, without its folder. */
  readonly file: string | null;
  /** BLAKE3 of the content, in hexadecimal. */
  readonly fileHash: string;
  /** Whether nothing was written because that was asked. */
  readonly dryRun: boolean;
  /** Whether an interrupted import went on from where it stood. */
  readonly resumed: boolean;
  /** Records in the file. */
  readonly rows: number;
  /** Rows that became new leads. */
  readonly created: number;
  /** Rows whose values went over a stored lead's (`onMatch: "update"`). */
  readonly updated: number;
  /** Rows that filled gaps of a stored lead, or of an earlier row's (`onMatch: "merge"`). */
  readonly merged: number;
  /** Rows that changed nothing. */
  readonly skipped: number;
  /** Why rows were skipped: `unchanged`, `match_skipped`, `already_imported`. */
  readonly skippedBy: Record<string, number>;
  /** Rows that were handed back. */
  readonly rejected: number;
  /** Blank, comment and preamble lines, and records of only empty cells. */
  readonly ignored: number;
  /**
   * What the columns about permission entered in the consent ledger; undoing the import takes nothing of
   * it back.
   */
  readonly consent: ConsentCounts;
  /** Leads that automations look at, where the import asked for it. */
  readonly automations: number;
  /** The file of rejected rows, where one was written. */
  readonly rejects: string | null;
  /** What was found out about the file. */
  readonly format: TableFormat;
  /** Column by column. */
  readonly mapping: ColumnMapping[];
  /** By code and field, the gravest and most frequent first. */
  readonly issues: IssueCount[];
  /** By field name. */
  readonly quality: Record<string, FieldQuality>;
  /** Times. */
  readonly timing: Timing;

  /**
   * Writes the report as one HTML page that needs nothing else. An existing file is replaced, as a
   * whole; only its owner may read it, since examples may be personal data.
   *
   * @throws {LeadkitError} `file_not_found` when the folder does not exist, `is_directory`,
   * `permission_denied`, `disk_full`, `read_only`, `io`.
   */
  saveHtml(path: string | URL): Promise<void>;

  /** The report as JSON text, indented: the same bytes in every language, with snake_case names. */
  toJson(): string;
}

/** Options of `leads.explain`. */
export interface ExplainOptions {
  /** How many of the newest contacts are shown; 10 by default. All are counted. */
  contacts?: number;
}

/** What put a value there. */
export interface ValueOrigin {
  /** Since when it stands. */
  at: Date;
  /** The revision of the commit. */
  rev: number;
  /** The operation. */
  operationId: number;
  /** What that was. */
  kind: OperationKind;
  /** Its name, where it was given one. */
  name: string | null;
  /** The file that it read, where it is an import. */
  file: string | null;
  /** Who did it. */
  actor: string | null;
  /** Why. */
  reason: string | null;
  /** The lead that it was taken over from, where leads were merged. */
  fromLead: number | null;
}

/** A value that a field had before. */
export interface EarlierValue {
  /** The value. */
  value: unknown;
  /** Where it came from; null when the log no longer reaches there. */
  origin: ValueOrigin | null;
  /** Until when it stood. */
  until: Date;
}

/** A field: its value, where that came from, and what was there before. */
export interface FieldExplanation {
  /** The field, such as `email` or `custom.plan`. */
  field: string;
  /** Its name for people. */
  label: string;
  /** The value; null when it was emptied. */
  value: unknown;
  /** The text as it came, where normalising changed it. */
  original: string | null;
  /** Where the value came from; null when the log no longer reaches there. */
  origin: ValueOrigin | null;
  /** The values before, the newest first. */
  earlier: EarlierValue[];
}

/** Something noticed about a value. */
export interface KnownIssue {
  /** The stable code. */
  code: string;
  /** How grave it is. */
  severity: Severity;
  /** The field. */
  field: string | null;
  /** What it is, without the value. */
  message: string;
}

/** Contacts with a lead, and with those that were merged into it; entries that were put right are left out. */
export interface ContactSummary {
  /** How many there were. */
  total: number;
  /** How many by channel and direction, such as `{ sms: { outbound: 3 } }`. */
  counts: Record<string, Record<string, number>>;
  /** When the first was. */
  firstAt: Date | null;
  /** When the last was. */
  lastAt: Date | null;
  /** The newest of them. */
  newest: Communication[];
}

/** Whether somebody may be contacted: now, later, or not as things stand. */
export type PermissionDecision = "allowed" | "waits" | "refused";

/** Whether the person may be contacted in one way: what `dispatch` would decide on a message now. */
export interface ContactPermission {
  /** By which channel. */
  channel: Channel;
  /** What for. */
  purpose: Purpose;
  /** Whether it is a call on which only a machine talks, which needs consent of its own. */
  announcement: boolean;
  /** The number; null when the lead has none. */
  address: string | null;
  /** Whether. */
  decision: PermissionDecision;
  /** Why not, or not yet. */
  refusal: SendRefusal | null;
  /** When it may go out next, where it waits for an hour. */
  nextAt: Date | null;
  /** Until when it may be delivered, where it is allowed. */
  until: Date | null;
  /** What the decision rests on: the entry of the consent ledger by its id, and the hours. */
  evidence: unknown;
  /** The entry of the consent ledger that decided. */
  entry: ConsentEntry | null;
}

/**
 * What is known of a lead, where it came from, and whether the person may be contacted. Its properties are plain
 * data.
 */
export class LeadExplanation {
  private constructor();

  /** The lead. */
  readonly lead: number;
  /** Its name, as it is shown. */
  readonly name: string;
  /** When this was found; permissions hold for this instant. */
  readonly at: Date;
  /** The revision that last changed it. */
  readonly rev: number;
  /** When it came into being. */
  readonly createdAt: Date;
  /** When it was last changed. */
  readonly updatedAt: Date;
  /** When it was deleted. */
  readonly deletedAt: Date | null;
  /** The lead that it was merged into. */
  readonly mergedInto: number | null;
  /** The leads that were merged into it, directly. */
  readonly merged: number[];
  /**
   * Whether the log reaches back to the lead's beginning; where older changes were pruned, the first values have
   * no origin.
   */
  readonly complete: boolean;
  /** Each field that holds something, or once did, in the order of files. */
  readonly fields: FieldExplanation[];
  /** What is noticed about the values as they are now. */
  readonly issues: KnownIssue[];
  /** What contact there was. */
  readonly contacts: ContactSummary;
  /** Whether the database sends at all; while it does not, what is allowed waits. */
  readonly sending: boolean;
  /** By what, and what for, the person may be contacted now. */
  readonly permissions: ContactPermission[];
  /** What the consent ledger says of the lead's numbers, the newest first; the newest 1,000 at most. */
  readonly consent: ConsentEntry[];

  /** The explanation as one self-contained HTML page, without scripts; every value is escaped. */
  toHtml(): string;

  /**
   * Writes that page. An existing file is replaced, as a whole; only its owner may read it.
   *
   * @throws {LeadkitError} `file_not_found` when the folder does not exist, `is_directory`,
   * `permission_denied`, `disk_full`, `read_only`, `io`.
   */
  saveHtml(path: string | URL): Promise<void>;

  /** The explanation as JSON text, indented: the same in every language, with snake_case names. */
  toJson(): string;
}

/** What an import would do, and how the file was read. */
export interface ImportPreview {
  /** What was found out about the file. */
  format: TableFormat;
  /** Column by column, with confidence and alternatives. */
  mapping: ColumnMapping[];
  /** The first rows as leads. */
  leads: Lead[];
  /** What a run would report, by the rows that were looked at. */
  report: ImportReport;
  /** Whether the report covers the whole file. */
  complete: boolean;
}

/** Options of {@link Database.exportLeads}. */
export interface ExportOptions {
  /** Which leads; all by default. */
  filter?: Filter;
  /** Which fields, in this order; all that hold anything anywhere by default. */
  fields?: string[] | null;
  /** CSV or XLSX; by the target's ending when not said. */
  format?: "csv" | "xlsx" | null;
  /** The order of the rows: field names, `-` in front for descending; by id by default. */
  orderBy?: string[];
  /** CSV: the delimiter, one character; a comma by default. */
  delimiter?: string;
  /** CSV: begins the file with a byte order mark, for old Excels. */
  bom?: boolean;
  /**
   * Guards cells that a spreadsheet would run as formulas (OWASP, CSV injection); reversed by our
   * import. On by default.
   */
  guardFormulas?: boolean;
  /** Takes deleted leads too. */
  includeDeleted?: boolean;
  /** A name for the operation, for the list of operations. */
  name?: string | null;
}

/** What an export did. */
export interface ExportReport {
  /** The operation in `db.operations`. */
  operationId: number;
  /** The file that was written. */
  path: string;
  /** Rows written, without the header. */
  rows: number;
  /** The fields, in order. */
  fields: string[];
  /** BLAKE3 of the content, in hexadecimal. */
  fileHash: string;
  /** Bytes written. */
  bytes: number;
  /** Times. */
  timing: Timing;
}

// --- What happens by itself ------------------------------------------------------------------

/**
 * What happens by itself, `db.automations`: saved as data, set off by events and times, with a record of every
 * run.
 *
 * @throws {LeadkitError} `access_denied` for a view, in all methods.
 */
export interface Automations {
  /**
   * Saves an automation under a name, as the name's next version. A new one does nothing until it is enabled;
   * runs under way end by the version that they began with, unless `migrate` says otherwise. Saved once more
   * unchanged, it stays the version it is.
   *
   * @throws {LeadkitError} `invalid_argument`, `invalid_filter`, `unknown_field`, `invalid_value`, `not_found`
   * for what is wrong with it: the error's `field` names the place, such as `steps[2].for`.
   *
   * @example
   * const welcome = automation({ on: "lead_created" }, { condition: { lead: { country: "DE" } } })
   *   .assign(["mia"])
   *   .task("Say hello");
   * await db.automations.save("welcome", welcome);
   * await db.automations.enable("welcome");
   * const report = await db.tick();
   */
  save(
    name: string,
    spec: AutomationSpec | AutomationBuilder,
    options?: SaveAutomationOptions,
  ): Promise<Automation>;

  /** The last version of an automation; null when there is no such. */
  get(name: string): Promise<Automation | null>;

  /**
   * All automations by name, each by its last version: what it does, the next of its times, and how many runs
   * are under way. As data they can be kept in files and saved elsewhere.
   */
  list(): Promise<Automation[]>;

  /**
   * Lets an automation be set off, by what happens from now on.
   *
   * @throws {LeadkitError} `not_found`; as {@link Automations.save} where what it names is gone by now.
   */
  enable(name: string): Promise<Automation>;

  /**
   * Lets an automation be set off no more; runs under way go on, and {@link Automations.cancel} ends them.
   *
   * @throws {LeadkitError} `not_found`.
   */
  disable(name: string): Promise<Automation>;

  /**
   * Runs, the newest first: what set each off, every step with what came of it, why it ended or did not start.
   *
   * @throws {LeadkitError} `invalid_argument` for a cursor that no page gave.
   */
  runs(options?: RunListOptions): Promise<Page<AutomationRun>>;

  /**
   * Ends runs under way of an automation, all or those of one lead, and gives their number. What they did stays;
   * messages that wait are taken back by `comms.cancel`.
   *
   * @throws {LeadkitError} `not_found`.
   */
  cancel(name: string, lead?: number | null): Promise<number>;

  /**
   * What an automation would have done with what was: how often it would have started, for whom, and how it would
   * have ended. Nothing is changed, and it need not be saved. Leads, messages and consent are taken as they were
   * then; replies are those that came.
   *
   * @throws {LeadkitError} As {@link Automations.save}.
   */
  rehearse(spec: AutomationSpec | AutomationBuilder, options?: RehearseOptions): Promise<Rehearsal>;

  /**
   * The last version of an automation as a picture: an SVG document, for a page or a file of its own.
   *
   * @throws {LeadkitError} `not_found`.
   */
  picture(name: string): Promise<string>;

  /**
   * What automations tell the host, in order: it deals with them and acknowledges the last. One that the host
   * died over is there again.
   */
  events(options?: EventListOptions): Promise<HostEvent[]>;

  /** Removes events that the host has dealt with, up to a number, and gives how many they were. */
  acknowledge(upTo: number): Promise<number>;
}

/**
 * Schedules with names, `db.schedules`, which automations keep to.
 *
 * @throws {LeadkitError} `access_denied` for a view, in all methods.
 */
export interface Schedules {
  /**
   * Saves a schedule under a name, in the place of the one before: automations keep to its times from now on.
   *
   * @throws {LeadkitError} `invalid_argument` for a name that is none and a schedule that has no times.
   *
   * @example
   * const weekly = { zone: "Europe/Berlin", start: "2026-01-05T09:00", rrule: "FREQ=WEEKLY;BYDAY=MO" };
   * const saved = await db.schedules.save("mondays", weekly);
   * console.log(saved.nextAt);
   */
  save(name: string, schedule: Schedule): Promise<NamedSchedule>;

  /** The schedule of a name; null when there is no such. */
  get(name: string): Promise<NamedSchedule | null>;

  /** All schedules by name, with their next times and the automations that keep to them. */
  list(): Promise<NamedSchedule[]>;

  /**
   * Lets a schedule set nothing off; what it misses is not made up for.
   *
   * @throws {LeadkitError} `not_found`.
   */
  pause(name: string): Promise<NamedSchedule>;

  /**
   * Lets a schedule go on.
   *
   * @throws {LeadkitError} `not_found`.
   */
  resume(name: string): Promise<NamedSchedule>;
}

/** What an automation is beside its trigger and its steps; see {@link AutomationSpec}. */
export interface AutomationHead {
  /** Which leads it is for. */
  condition?: Condition;
  /** What ends it early. */
  stop?: StopWhen;
  /** When it starts once more for the same lead. */
  again?: string | null;
  /** By how much it may start late. */
  late?: string | null;
  /** How many start within a span of time. */
  limit?: RunLimit | null;
  /** What it is good for, for people. */
  description?: string | null;
}

/**
 * Begins an automation, to which steps are added.
 *
 * @example
 * const silent = automation({ on: "lead_created" })
 *   .sms({ template: "welcome" })
 *   .awaitReply("3d")
 *   .when({ replied: false }, steps().task("Call them"));
 * console.log(silent.build().steps.length); // 3
 */
export function automation(trigger: Trigger, options?: AutomationHead): AutomationBuilder;

/** Begins the steps of a branch, for {@link AutomationBuilder.when}. */
export function steps(): Steps;

/** The steps of a branch, as {@link steps} begins them. */
export type Steps = Omit<AutomationBuilder, "build">;

/**
 * An automation that is put together step by step, from {@link automation}. It can be saved as it is; each method
 * gives a new one, with one step more.
 */
export interface AutomationBuilder {
  /**
   * Queues a text message, by a template or a `body`, for marketing when no purpose is given. What forbids it now
   * ends the run as `refused`; the hour is kept by the outbox.
   */
  sms(options: {
    template?: string;
    body?: string;
    vars?: Record<string, unknown>;
    purpose?: Purpose;
    sender?: string;
    campaign?: string;
    variant?: string;
  }): this;
  /** Sets fields of the lead; null clears. */
  set(values: Record<string, unknown>): this;
  /** Gives the lead to an owner; of several to the next in turn. */
  assign(owners: string[]): this;
  /** Adds and removes tags. */
  tag(add?: string[], remove?: string[]): this;
  /** Moves the lead to another status, if the list of statuses allows it. */
  status(to: string): this;
  /** Enters a task into the lead's history, for its owner. */
  task(subject: string, body?: string): this;
  /** Tells the host: an entry of `automations.events`, which it reads and acknowledges. */
  host(event: string, data?: Record<string, unknown>): this;
  /**
   * Waits so long (`30m`, `2h`, `3d`, `1w`), and then until a time of day such as `09:00`, by the clock of `zone`,
   * on a day and within the hours of business.
   */
  wait(time: string, options?: { at?: string; zone?: string; calendar?: BusinessCalendar }): this;
  /** Waits for the lead to write or call, so long at most. */
  awaitReply(time: string): this;
  /** Goes one way when a condition holds, and the other when it does not. */
  when(condition: Condition, then: Steps | Step[], otherwise?: Steps | Step[]): this;
  /** Ends the run. */
  stop(): this;
  /** The automation as JSON of its own. */
  build(): AutomationSpec;
}

/**
 * What happens by itself: when something happened to a lead, for leads that pass, in steps. It is one and the same
 * JSON in all languages; {@link automation} builds it.
 */
export interface AutomationSpec {
  /** What sets it off. */
  trigger: Trigger;
  /** Which leads it is for, looked at when it is set off. */
  condition?: Condition;
  /** What is done, one after the other. */
  steps: Step[];
  /** What ends it early; looked at before each step. */
  stop?: StopWhen;
  /**
   * When it starts once more for the same lead: `never`, or so long after the last start (`30d`); none: each time
   * that it is set off. While one is under way for a lead, no second one starts.
   */
  again?: string | null;
  /**
   * By how much it may start late, as after a downtime; a day when none is given. What was set off earlier is noted
   * as `too_late`.
   */
  late?: string | null;
  /** How many start within a span of time, at most; what is more is noted as `limit`. */
  limit?: RunLimit | null;
  /** What it is good for, for people. */
  description?: string | null;
}

/** What sets an automation off, told apart by `on`. */
export type Trigger =
  /** A lead was added, by itself. */
  | { on: "lead_created" }
  /** A lead came in by an import that asked for automations. */
  | { on: "lead_imported" }
  /**
   * Any of these fields came to hold something else. Imports, bulk operations and undos count only where they ask
   * for automations; so for all changes of leads.
   */
  | { on: "field_changed"; fields: string[] }
  /** The status changed, from any of these and to any of those; none: any. */
  | { on: "status_changed"; from?: string[]; to?: string[] }
  /** The owner changed, to any of these; none: to anybody. */
  | { on: "assigned"; to?: string[] }
  /**
   * A message came in from the lead: with any of these words or phrases, as `comms.search` reads them, meant as any
   * of these intents, as `classifyReply` reads it; none: whatever it says or means.
   */
  | { on: "message_received"; words?: string[]; intents?: Reply[] }
  /** A message to the lead was delivered. */
  | { on: "delivered"; template?: string | null; campaign?: string | null }
  /** A message to the lead failed or was refused. */
  | { on: "failed"; template?: string | null; campaign?: string | null }
  /** A message to the lead went out, and nothing came back for so long, such as `3d`. */
  | { on: "not_answered"; after: string; template?: string | null; campaign?: string | null }
  /**
   * A date of the lead's is reached, in a custom field such as `custom.renewal`: so many days after it (negative:
   * before it), at a time of day, by the clock of a zone, of the `recipient` or of the `owner`.
   */
  | { on: "date_reached"; field: string; days?: number; time: string; zone: string }
  /** A time of a schedule's has come, for each lead that passes. */
  | { on: "schedule"; schedule: ScheduleRef };

/** A schedule, or the name of one of `db.schedules`. */
export type ScheduleRef = string | Schedule;

/** What must hold; all that is given. */
export interface Condition {
  /** The lead passes a filter. */
  lead?: Filter;
  /** The lead wrote or called since the run began, or not. */
  replied?: boolean;
  /** There was a contact, or none. */
  contact?: ContactCondition;
  /** The lead may be contacted, or not, as consent stands. */
  consent?: ConsentCondition;
}

/** Whether there was a contact with the lead. */
export interface ContactCondition {
  /** With `true` that there was none. */
  none?: boolean;
  /** By this channel. */
  channel?: ContactChannel | null;
  /** Which way. */
  direction?: Direction | null;
  /** In any of these states. */
  states?: CommunicationState[];
  /** Of this template. */
  template?: string | null;
  /** Of this campaign. */
  campaign?: string | null;
  /** With these words, as `comms.search` reads them. */
  words?: string | null;
  /** Within this time before now, such as `30d`. */
  within?: string | null;
}

/** Whether a lead may be contacted, as `consent.status` answers. */
export interface ConsentCondition {
  /** By this channel; texts when none is given. */
  channel?: Channel | null;
  /** For this purpose; marketing when none is given. */
  purpose?: Purpose | null;
  /** Whether it is allowed that must hold, or (`false`) that it is not; allowed when none is given. */
  allowed?: boolean | null;
}

/** One step of an automation, told apart by `do`. */
export type Step =
  /**
   * Queues a text message, by a template or a `body`. What forbids it now (consent, the number, the law) ends the
   * run as `refused`; the hour is kept by the outbox.
   */
  | {
      do: "sms";
      template?: string | null;
      body?: string | null;
      vars?: Record<string, unknown>;
      purpose?: Purpose | null;
      sender?: string | null;
      campaign?: string | null;
      variant?: string | null;
    }
  /** Sets fields of the lead; a `null` clears. */
  | { do: "set"; values: Record<string, unknown> }
  /** Gives the lead to an owner; of several to the next in turn. */
  | { do: "assign"; owners: string[] }
  /** Adds and removes tags. */
  | { do: "tag"; add?: string[]; remove?: string[] }
  /** Moves the lead to another status, if the list of statuses allows it. */
  | { do: "status"; to: string }
  /** Enters a task into the lead's history, for its owner. */
  | { do: "task"; subject: string; body?: string }
  /** Tells the host: an entry of `automations.events`, which it reads and acknowledges. */
  | { do: "host"; event: string; data?: Record<string, unknown> }
  /**
   * Waits so long: `30m`, `2h`, `3d`, `1w`, a day being 24 hours; then until a time of day such as `09:00`, by the
   * clock of a zone, of the `recipient` (when none is given) or of the `owner`; on a day, and within the hours, of
   * business.
   */
  | { do: "wait"; for: string; at?: string | null; zone?: string | null; calendar?: BusinessCalendar | null }
  /** Waits for the lead to write or call, so long at most: `3d`. */
  | { do: "await_reply"; for: string }
  /** Goes one way when the condition holds, and the other when it does not. */
  | { do: "if"; condition: Condition; then: Step[]; else?: Step[] }
  /** Ends the run. */
  | { do: "stop" };

/** What ends a run early. */
export interface StopWhen {
  /** The lead wrote or called; `false` when none is given. */
  reply?: boolean;
  /** The lead wants no texts any more; `true` when none is given. */
  optout?: boolean;
  /** The lead came to any of these statuses. */
  status?: string[];
}

/** How many runs start, at most. */
export interface RunLimit {
  /** So many. */
  runs: number;
  /** Within this time, such as `1d`. */
  per: string;
}

/** Options of {@link Automations.save}. */
export interface SaveAutomationOptions {
  /**
   * Whether runs under way go over to the version that is saved, at the place where they stand; they end by their
   * own version otherwise.
   */
  migrate?: boolean;
}

/** Options of {@link Automations.runs}. */
export interface RunListOptions {
  /** Only of this automation. */
  automation?: string | null;
  /** Only of this lead. */
  lead?: number | null;
  /** Only in this state. */
  state?: RunState | null;
  /** Runs of a page; 100 by default. */
  limit?: number;
  /** The `nextCursor` of the page before. */
  cursor?: string | null;
}

/** Options of {@link Automations.events}. */
export interface EventListOptions {
  /** Only those behind this number. */
  after?: number;
  /** How many at most; 100 by default. */
  limit?: number;
}

/** Options of {@link Automations.rehearse}. */
export interface RehearseOptions {
  /** From this instant on; 30 days ago by default. */
  since?: Date | string | null;
  /** Before this instant; now by default. */
  until?: Date | string | null;
  /** Runs that are shown; 10 by default, 100 at most. */
  sample?: number;
}

/** Options of {@link Database.tick}. */
export interface TickOptions {
  /** Runs that are started and taken further, at most, each; 0, the default: all that are due. */
  limit?: number;
}

/** A stored automation. Versions are never changed; what runs goes on by the one that it began with. */
export interface Automation {
  /** Its name. */
  name: string;
  /** Its number, counted from 1. */
  version: number;
  /** What it does. */
  spec: AutomationSpec;
  /** Whether it is set off; new ones are not until they are enabled. */
  enabled: boolean;
  /** When this version was saved. */
  createdAt: Date;
  /** By whom. */
  actor: string | null;
  /** The next time of its schedule or of its dates, while it is enabled. */
  nextAt: Date | null;
  /** Runs under way. */
  waiting: number;
}

/** A schedule with a name. */
export interface NamedSchedule {
  /** Its name. */
  name: string;
  /** When it is. */
  schedule: Schedule;
  /** Whether it is kept; a paused one sets nothing off. */
  enabled: boolean;
  /** When it was saved. */
  createdAt: Date;
  /** By whom. */
  actor: string | null;
  /** The next time; null for one that is over, paused, or kept by each lead's own clock. */
  nextAt: Date | null;
  /** The automations that it sets off. */
  automations: string[];
}

/**
 * Where a run stands: it has steps to do; all were done; something ended it early; it did not start, or could not
 * go on; a step had an error.
 */
export type RunState = "waiting" | "finished" | "stopped" | "refused" | "failed";

/** What set a run off. */
export interface TriggerEvent {
  /** The trigger's word. */
  on: string;
  /** When it happened. */
  at: Date;
  /** The commit, of a change. */
  rev: number | null;
  /** The message. */
  communication: number | null;
  /** How many automations set each other off before this one. */
  depth: number;
}

/** One step that a run did. */
export interface RunStep {
  /** When. */
  at: Date;
  /** Its place; see {@link AutomationRun.step}. */
  step: number;
  /** The step's word. */
  did: string;
  /** What came of it: `done`, `unchanged`, `then`, `else`, or a code. */
  result: string;
  /** The message or entry that it made. */
  communication: number | null;
  /** The commit that it made. */
  rev: number | null;
}

/** One lead's way through an automation. */
export interface AutomationRun {
  /** Its number. */
  id: number;
  /** The automation. */
  automation: string;
  /** The version that it goes by. */
  version: number;
  /** The lead. */
  lead: number;
  /** What set it off. */
  event: TriggerEvent;
  /** Tells what set it off from all else: an automation starts once for it. */
  key: string;
  /** Where it stands. */
  state: RunState;
  /** The place of its next step, among all of the automation's, those of branches included. */
  step: number;
  /** When that is done; null when nothing is left. */
  dueAt: Date | null;
  /** Whether it goes on at once when the lead writes or calls. */
  awaits: boolean;
  /**
   * When it started; of one that waits for its time (an answer that does not come, a date, a schedule) until then:
   * when it was entered.
   */
  startedAt: Date;
  /** When it ended. */
  endedAt: Date | null;
  /**
   * Why it did not start, or ended: `replied`, `opted_out`, `status`, `lead_gone`, `too_late`, `condition`,
   * `running`, `again`, `limit`, `loop`, `stop`, `cancelled`, a code of consent, or an error's.
   */
  reason: string | null;
  /** What it did so far. */
  log: RunStep[];
}

/** Something that an automation tells the host. */
export interface HostEvent {
  /** Its number: whoever acknowledges it acknowledges those before it. */
  id: number;
  /** When. */
  at: Date;
  /** What it is called. */
  event: string;
  /** What goes with it. */
  data: Record<string, unknown>;
  /** The automation. */
  automation: string;
  /** The run. */
  run: number;
  /** The lead. */
  lead: number;
}

/** What an automation would have done. */
export interface Rehearsal {
  /** From when on. */
  since: Date;
  /** Until when. */
  until: Date;
  /** How often it would have been set off. */
  events: number;
  /** How often it would have started. */
  runs: number;
  /** Why it would not have started, by reason. */
  refused: Record<string, number>;
  /** What it would have done, by the step's word. */
  steps: Record<string, number>;
  /** How runs would have ended, by reason; those still under way then are `waiting`. */
  ended: Record<string, number>;
  /** Some of the runs; nothing was entered, so they have neither number, automation, version nor key. */
  sample: AutomationRun[];
}

/** What was due, and what was done of it. */
export interface TickReport {
  /** Whether automations are switched on; if not, none was looked at. */
  automations: boolean;
  /** Runs that started. */
  started: number;
  /** Runs that did not start, by reason. */
  refused: Record<string, number>;
  /** Steps that were done. */
  steps: number;
  /** Messages that were queued by them. */
  queued: number;
  /** Runs that came to their end. */
  finished: number;
  /** Runs that were ended early, by reason. */
  stopped: Record<string, number>;
  /** Events that wait for the host in `automations.events`. */
  events: number;
  /** What became of the outbox; null without a transport, while sending is off, and when nothing was due. */
  dispatch: DispatchReport | null;
  /**
   * What was found out about messages; null without a transport, while sending is off, and when nothing was due.
   */
  reconcile: ReconcileReport | null;
  /** What was erased by the rules of the settings, where that was due: once a day. */
  retention: RetentionReport | null;
  /** When to call again; null when nothing waits for a time. Whatever changes the data may bring it forward. */
  nextAt: Date | null;
}

// --- Twilio and transports -------------------------------------------------------------------

/**
 * An account at Twilio, as a transport: for `db.comms.dispatch`, `reconcile` and `receive`, and to be used by
 * itself. Nothing is started or connected before the first request. A request is made once: what may have been
 * taken without an answer is the outcome `unknown`, and making it again is your decision. Secrets are shown
 * nowhere.
 *
 * @example
 * const twilio = new Twilio({ accountSid: "AC" + "0".repeat(32), authToken: "…", sender: "+15005550006" });
 * console.log(twilio.capabilities().scheduling); // true
 */
export class Twilio {
  /**
   * Looks the options over.
   *
   * @throws {LeadkitError} `invalid_argument`, naming the field; `unknown_option`.
   */
  constructor(options: TwilioConfig);
  /** The account. */
  readonly accountSid: string;
  /** The URL under which this host is reached from outside. */
  readonly publicUrl: string | null;

  /** What it can do, and for which account. */
  capabilities(): Capabilities;

  /**
   * Sends one message, once. What Twilio does not take is an outcome, not an error. This goes by no switch, no
   * consent and no hours: `db.comms.queueSms` does.
   *
   * @throws {LeadkitError} `invalid_argument`, `unknown_option` for the request.
   *
   * @example
   * const outcome = await twilio.sendSms({ to: "+15558675310", body: "Hello" });
   * if (outcome.outcome === "accepted") console.log(outcome.sid);
   */
  sendSms(request: SmsRequest): Promise<Outcome>;

  /** Sends several, `concurrency` at a time, each once, and answers in their order. */
  sendMany(requests: SmsRequest[]): Promise<Outcome[]>;

  /** Starts a call, once. */
  startCall(request: CallRequest): Promise<Outcome>;

  /**
   * What Twilio knows about a message.
   *
   * @throws {LeadkitError} `not_found`; `unreachable` (try again later); `provider_refused`; `invalid_argument` for
   * what is no id.
   */
  fetchMessage(sid: string): Promise<ProviderMessage>;

  /**
   * What Twilio knows about a call.
   *
   * @throws {LeadkitError} As {@link Twilio.fetchMessage}.
   */
  fetchCall(sid: string): Promise<ProviderCall>;

  /**
   * A page of the messages that Twilio has, newest first.
   *
   * @throws {LeadkitError} As {@link Twilio.fetchMessage}.
   */
  listMessages(query: MessageQuery): Promise<Page<ProviderMessage>>;

  /**
   * Takes back a message or call by its id. One that went out or was answered before is too late.
   *
   * @throws {LeadkitError} As {@link Twilio.fetchMessage}.
   */
  cancel(sid: string): Promise<Cancellation>;

  /**
   * Hangs a call up, even one that was answered.
   *
   * @throws {LeadkitError} As {@link Twilio.fetchMessage}.
   */
  hangUp(sid: string): Promise<Cancellation>;

  /**
   * Empties a message's text at Twilio. It must have ended.
   *
   * @throws {LeadkitError} As {@link Twilio.fetchMessage}.
   */
  redactMessage(sid: string): Promise<ProviderMessage>;

  /**
   * Deletes a message at Twilio. It must have ended.
   *
   * @throws {LeadkitError} As {@link Twilio.fetchMessage}.
   */
  deleteMessage(sid: string): Promise<void>;

  /**
   * Deletes the record of a call at Twilio. It must have ended.
   *
   * @throws {LeadkitError} As {@link Twilio.fetchMessage}.
   */
  deleteCall(sid: string): Promise<void>;

  /**
   * Deletes a message or the record of a call at Twilio, by its id. A call's recordings are records of their
   * own: Twilio keeps them until they are deleted there.
   *
   * @throws {LeadkitError} As {@link Twilio.fetchMessage}.
   */
  erase(sid: string): Promise<void>;
}

/**
 * Whether a request was signed by Twilio: with the account's auth token, or with a shared key when the header
 * `X-Twilio-Webhooks-Signature-Settings` names its algorithm. Takes the same time for right and wrong
 * signatures.
 *
 * `url` must be the public URL that Twilio was given, with the query exactly as it came in. A body that the
 * signature does not cover is never good, nor is anything with an empty secret, with an algorithm that this
 * version does not know, or with one of the headers given twice.
 *
 * @throws {LeadkitError} `invalid_argument`, `unknown_option` for what is no request.
 *
 * @example
 * if (!verifyTwilioRequest(authToken, { method: "POST", url, headers: req.headers, body })) res.status(403).end();
 */
export function verifyTwilioRequest(secret: string, request: WebhookRequest): boolean;

/** An account at Twilio and how it is reached. Secrets are shown nowhere. */
export interface TwilioConfig {
  /** The account (`AC…`). */
  accountSid: string;
  /** The account's token: signs in unless there is an `api_key`, and verifies webhooks. */
  authToken?: string | null;
  /** A key (`SK…`) to sign in with instead; better, since it can be withdrawn alone. */
  apiKey?: string | null;
  /** The key's secret. */
  apiSecret?: string | null;
  /** Who sends when a request does not say: a number, or a messaging service (`MG…`). */
  sender?: string | null;
  /** The URL under which this host is reached from outside, for webhooks. */
  publicUrl?: string | null;
  /** Twilio's region that keeps the data, such as `ie1`. */
  region?: string | null;
  /** The place where Twilio's network is entered, such as `dublin`. */
  edge?: string | null;
  /** Another server than Twilio's, for tests; plain HTTP only to this machine itself. */
  baseUrl?: string | null;
  /** Seconds until a connection must stand; 10 when 0. */
  connectTimeout?: number;
  /** Seconds until an answer must have come; 30 when 0. Then nobody knows whether a message was taken. */
  timeout?: number;
  /** Requests at a time; 16 when 0. */
  concurrency?: number;
}

/** A message to be sent: text, pictures or a template of the provider's, to one address. */
export interface SmsRequest {
  /** The recipient: a number in E.164, or a channel's address such as `whatsapp:+15558675310`. */
  to: string;
  /** The sender: a number, a short code, an alphanumeric sender or a channel's address. */
  from?: string | null;
  /** A messaging service (`MG…`), which chooses the sender. */
  messagingServiceSid?: string | null;
  /** Another sender for when the recipient cannot be reached over RCS. */
  fallbackFrom?: string | null;
  /** The text, 1,600 characters at most. */
  body?: string | null;
  /** URLs of pictures and other media, ten at most. */
  mediaUrls?: string[];
  /** A template kept at the provider (`HX…`). */
  contentSid?: string | null;
  /** The values of that template's variables. */
  contentVariables?: Record<string, string>;
  /** Where the provider reports what becomes of the message. */
  statusCallback?: string | null;
  /** A TwiML application (`AP…`) whose message status callback is used. */
  applicationSid?: string | null;
  /** Said together with `send_at`; may be left out. */
  scheduleType?: ScheduleType | null;
  /** When the provider is to send it: 5 minutes to 35 days ahead, by a messaging service only. */
  sendAt?: Date | string | null;
  /** For how many seconds the message may wait in the provider's queue: 1 to 36,000. */
  validityPeriod?: number | null;
  /** Whether characters that double the price are replaced by similar ones. */
  smartEncoded?: boolean | null;
  /** Whether URLs in the text are shortened, by a messaging service with a domain for that. */
  shortenUrls?: boolean | null;
  /** Whether it is sent as one MMS whatever its length. */
  sendAsMms?: boolean | null;
  /** Whether you will tell the provider that the message was useful. */
  provideFeedback?: boolean | null;
  /** Reserved by the provider. */
  forceDelivery?: boolean | null;
  /** The number of the attempt, this one included, whichever provider made them. */
  attempt?: number | null;
  /** What becomes of the text at the provider. */
  contentRetention?: ContentRetention | null;
  /** What becomes of the addresses at the provider. */
  addressRetention?: AddressRetention | null;
  /** Whether the provider looks for fraud. */
  riskCheck?: RiskCheck | null;
  /** Whether the message costs something. */
  trafficType?: TrafficType | null;
  /** Actions of channels that are not SMS, such as `geo:37.78,-122.39`. */
  persistentActions?: string[];
}

/**
 * A call to be started: to whom, from which number, and what happens when somebody answers (exactly
 * one of `url`, `twiml`, `application_sid`).
 */
export interface CallRequest {
  /** Who is called: a number in E.164, a SIP address or a client. */
  to: string;
  /** The caller's number; the transport's own when it is left out. */
  from?: string | null;
  /** Where the provider asks what to do, in TwiML. */
  url?: string | null;
  /** What to do, as TwiML of at most 4,000 characters. */
  twiml?: string | null;
  /** A TwiML application (`AP…`) that says what to do. */
  applicationSid?: string | null;
  /** How `url` is asked. */
  method?: CallbackMethod | null;
  /** Where the provider asks when `url` fails. */
  fallbackUrl?: string | null;
  /** How `fallback_url` is asked. */
  fallbackMethod?: CallbackMethod | null;
  /** Where the provider reports what becomes of the call. */
  statusCallback?: string | null;
  /** What is reported; only the end when empty. */
  statusCallbackEvents?: CallProgress[];
  /** How `status_callback` is asked. */
  statusCallbackMethod?: CallbackMethod | null;
  /** Keys dialled after somebody answered: digits, `A`–`D`, `#`, `*`, and `w`, `W` for pauses. */
  sendDigits?: string | null;
  /** For how many seconds it rings: 600 at most. */
  timeout?: number | null;
  /** For how many seconds it may last. */
  timeLimit?: number | null;
  /** What is done about answering machines. */
  machineDetection?: AnsweringMachine | null;
  /** Seconds until the detection gives up. */
  machineDetectionTimeout?: number | null;
  /** Milliseconds of speech from which on it may be a machine. */
  machineDetectionSpeechThreshold?: number | null;
  /** Milliseconds of silence that end a greeting. */
  machineDetectionSpeechEndThreshold?: number | null;
  /** Milliseconds of silence at the beginning until the detection gives up. */
  machineDetectionSilenceTimeout?: number | null;
  /** Whether the call goes on while the detection works. */
  asyncAmd?: boolean | null;
  /** Where the result of that detection is reported. */
  asyncAmdStatusCallback?: string | null;
  /** How that URL is asked. */
  asyncAmdStatusCallbackMethod?: CallbackMethod | null;
  /** Whether the call is recorded. The law wants an announcement or consent in many places. */
  record?: boolean | null;
  /** `mono` or `dual`. */
  recordingChannels?: string | null;
  /** `inbound`, `outbound` or `both`. */
  recordingTrack?: string | null;
  /** Where a finished recording is reported. */
  recordingStatusCallback?: string | null;
  /** How that URL is asked. */
  recordingStatusCallbackMethod?: CallbackMethod | null;
  /** What is reported of recordings: `in-progress`, `completed`, `absent`. */
  recordingStatusCallbackEvents?: string[];
  /** `trim-silence` or `do-not-trim`. */
  trim?: string | null;
  /** The caller as shown, where it differs from `from`. */
  callerId?: string | null;
  /** Why it is called, as shown on phones that do. */
  callReason?: string | null;
}

/** Which messages to list; all when empty. */
export interface MessageQuery {
  /** To this address. */
  to?: string | null;
  /** From this address. */
  from?: string | null;
  /** Sent at this instant or later. */
  sentFrom?: Date | string | null;
  /** Sent at this instant or earlier. */
  sentUntil?: Date | string | null;
  /** Messages of one page; the provider's default when 0, 1,000 at most. */
  pageSize?: number;
  /** The `next_cursor` of the page before. */
  cursor?: string | null;
}

/** The provider has taken it. */
export interface Accepted {
  outcome: "accepted";
  /** The provider's id. */
  sid: string;
  /** The first status, in the provider's word. No callback reports it. */
  status: string;
  /** Segments of a message, where they are known already. */
  segments?: number | null;
  /** What it costs, where that is known already. */
  price?: Money | null;
  /** The sender, where the provider chose one. */
  from?: string | null;
  /** Outbound, for whatever was sent. */
  direction?: Direction | null;
}

/** It was not taken, and the same request never will be. */
export interface Refused {
  outcome: "refused";
  /** The family of reasons. */
  class: RefusalClass;
  /** The provider's code, such as 21610. */
  code?: number | null;
  /** What is wrong, for people; holds no personal data. */
  message: string;
  /** What to do about it. */
  advice?: string;
  /** Whether nothing more should be sent to this address. */
  suppress?: boolean;
}

/** It was not taken; the same request may be made again. */
export interface RetryLater {
  outcome: "retry";
  /** The provider's own wish, in seconds. */
  after?: number | null;
  /** The provider's code. */
  code?: number | null;
  /** What is wrong, for people; holds no personal data. */
  why?: string;
}

/** Nobody knows whether it was taken. Making it again may send it twice. */
export interface UnknownOutcome {
  outcome: "unknown";
  /** What happened, for people. */
  why: string;
}

/**
 * What became of a request that sends a message or starts a call. There is no fifth way, and no
 * error beside it.
 */
export type Outcome = Accepted | Refused | RetryLater | UnknownOutcome;

/** Families of reasons why a provider does not take, or does not deliver, a message or call. */
export type RefusalClass =
  | "bad_request"
  | "auth"
  | "account_suspended"
  | "not_found"
  | "bad_state"
  | "invalid_recipient"
  | "not_mobile"
  | "opted_out"
  | "unroutable"
  | "geo_permission"
  | "trial_unverified"
  | "sender_config"
  | "sender_registration"
  | "content_too_long"
  | "content_too_large"
  | "bad_media"
  | "mms_unsupported"
  | "schedule_invalid"
  | "schedule_limit"
  | "rate_limit"
  | "sender_queue_full"
  | "queue_overflow"
  | "ambiguous_server"
  | "unreachable_handset"
  | "unknown_handset"
  | "landline_or_unreachable_carrier"
  | "blocked"
  | "carrier_filtered"
  | "unknown_delivery"
  | "missing_inbound_segment"
  | "price_exceeded"
  | "carrier_congestion"
  | "a2p_rate"
  | "a2p_daily_cap"
  | "provider_timeout"
  | "unsupported"
  | "other";

/** What became of the wish to cancel: it will not go out, or had gone out or ended before. */
export type Cancellation = { cancellation: "cancelled" } | { cancellation: "too_late"; status: string };

/**
 * A transport of your own: any object with the first two methods. What is missing is `unsupported`;
 * `reconcile` needs `listMessages`. Methods may be async.
 *
 * What a method that sends throws, or rejects with, means that nobody knows whether the message was taken, and
 * so does an answer that is no {@link Outcome}. No message may be sent a second time by itself. A promise that
 * never settles holds the dispatch: give your requests a timeout.
 *
 * @example
 * const paper = {
 *   capabilities: () => ({ provider: "paper", sms: true }),
 *   sendSms: async (request) => ({ outcome: "accepted", sid: "P1", status: "sent" }),
 * };
 * await db.comms.dispatch(paper);
 */
export interface Transport {
  /** What it can do, and for which account. */
  capabilities(): Capabilities | Promise<Capabilities>;
  /** Sends one message. */
  sendSms(request: SmsRequest): Outcome | Promise<Outcome>;
  /** Sends several, and answers in their order. */
  sendMany?(requests: SmsRequest[]): Outcome[] | Promise<Outcome[]>;
  /** Starts a call. */
  startCall?(request: CallRequest): Outcome | Promise<Outcome>;
  /** What the provider knows about a message. */
  fetchMessage?(sid: string): ProviderMessage | Promise<ProviderMessage>;
  /** What the provider knows about a call. */
  fetchCall?(sid: string): ProviderCall | Promise<ProviderCall>;
  /** A page of the messages that the provider has, newest first. */
  listMessages?(query: MessageQuery): ProviderPage | Promise<ProviderPage>;
  /** Takes back a message or call by its id. */
  cancel?(sid: string): Cancellation | Promise<Cancellation>;
  /** Deletes what the provider keeps of a message or call; for `privacy.erasePerson`. */
  erase?(sid: string): void | Promise<void>;
}

/** A page of a provider's messages. */
export interface ProviderPage {
  /** The messages. */
  items: ProviderMessage[];
  /** What a query gives as `cursor` for the next page; null on the last one. */
  nextCursor?: string | null;
}

/** What a transport can do. */
export interface Capabilities {
  /** Who it is, such as `twilio`. */
  provider?: string;
  /** The account that sends and pays. */
  account?: string;
  /** Where it goes: `live`, or the host when that is another than the provider's own. */
  environment?: string;
  /** It sends text messages. */
  sms?: boolean;
  /** It sends pictures and other media. */
  mms?: boolean;
  /** It starts calls. */
  voice?: boolean;
  /** It holds messages until their time. */
  scheduling?: boolean;
  /** It takes back what it holds. */
  cancel?: boolean;
  /** It finds messages by address and time. */
  list?: boolean;
  /** It reports what becomes of messages and calls. */
  statusCallbacks?: boolean;
  /** Requests at a time that make sense; 0 when it does not say. */
  concurrency?: number;
}

/** A message as the provider has it. */
export interface ProviderMessage {
  /** The provider's id. */
  sid: string;
  /** The account it belongs to. */
  accountSid: string;
  /** Where it stands. */
  status: MessageStatus;
  /** Which way it went. */
  direction: Direction;
  /** The sender; none while a messaging service has not chosen one. */
  from?: string | null;
  /** The recipient. */
  to?: string | null;
  /** The messaging service that sent it. */
  messagingServiceSid?: string | null;
  /** The text; empty once it is redacted. */
  body?: string | null;
  /** Segments billed; none while that is not known. */
  segments?: number | null;
  /** Pictures and other media. */
  media?: number | null;
  /** What it costs: a charge is positive. None until the provider has worked it out. */
  price?: Money | null;
  /** Why it was not delivered, as the provider's code. */
  errorCode?: number | null;
  /** When the provider took it. */
  createdAt?: Date | null;
  /** When it went out, or came in. */
  sentAt?: Date | null;
  /** When it last changed. */
  updatedAt?: Date | null;
}

/** A call as the provider has it. */
export interface ProviderCall {
  /** The provider's id. */
  sid: string;
  /** The account it belongs to. */
  accountSid: string;
  /** Where it stands. */
  status: CallStatus;
  /** Which way it went. */
  direction: Direction;
  /** The caller. */
  from?: string | null;
  /** Who was called. */
  to?: string | null;
  /** The call of which this is a leg. */
  parentSid?: string | null;
  /** Seconds; none before its end. */
  duration?: number | null;
  /** What it costs: a charge is positive. None until the provider has worked it out. */
  price?: Money | null;
  /** Who answered, where that was looked at: `human`, `machine_start`, `fax`, … */
  answeredBy?: string | null;
  /** When the provider took it. */
  createdAt?: Date | null;
  /** When it was answered. */
  startedAt?: Date | null;
  /** When it ended. */
  endedAt?: Date | null;
}

/** Where a message stands, from the request to the recipient's eyes. */
export type MessageStatus =
  | "unknown"
  | "scheduled"
  | "accepted"
  | "queued"
  | "sending"
  | "sent"
  | "receiving"
  | "received"
  | "canceled"
  | "failed"
  | "undelivered"
  | "partially_delivered"
  | "delivered"
  | "read";

/** Where a call stands. */
export type CallStatus =
  | "unknown"
  | "queued"
  | "initiated"
  | "ringing"
  | "in-progress"
  | "canceled"
  | "failed"
  | "no-answer"
  | "busy"
  | "completed";

/** A request that came in, as the host's server had it. */
export interface WebhookRequest {
  /** `GET` or `POST`. */
  method: string;
  /** The public URL, complete. */
  url: string;
  /**
   * The headers; names in any case. Read from names with values, or from a list of pairs; of one that
   * is there several times the values are joined by a comma.
   */
  headers?: Record<string, string | string[] | null | undefined> | [string, string][];
  /** The body's bytes, unchanged; a text stands for its bytes in UTF-8. */
  body?: Uint8Array | string;
}

/**
 * What a provider reports, told apart by `event`: a message of ours stands elsewhere now, somebody wrote, a
 * call stands elsewhere or asks what to do, it is known who answered, a recording is ready.
 */
export type WebhookEvent =
  | ({ event: "message_status" } & MessageEvent)
  | ({ event: "message_inbound" } & InboundMessage)
  | ({ event: "call_status" | "call_inbound" | "call_twiml" } & CallEvent)
  | ({ event: "machine_detected" } & MachineEvent)
  | ({ event: "recording" } & RecordingEvent);

/** The status of a message of ours. */
export interface MessageEvent {
  /** The account. */
  accountSid: string;
  /** The message. */
  sid: string;
  /** Where it stands. */
  status: MessageStatus;
  /** The recipient. */
  to?: string | null;
  /** The sender. */
  from?: string | null;
  /** The messaging service. */
  messagingServiceSid?: string | null;
  /** Why it was not delivered. */
  errorCode?: number | null;
}

/** A message that somebody wrote to us. */
export interface InboundMessage {
  /** The account. */
  accountSid: string;
  /** The message. */
  sid: string;
  /** Who wrote. */
  from: string;
  /** The number of ours, or the messaging channel's address. */
  to: string;
  /** The text. */
  body: string;
  /** The messaging service that the number belongs to. */
  messagingServiceSid?: string | null;
  /** Segments billed. */
  segments?: number | null;
  /** Pictures and other media. */
  media?: Media[];
  /** What the provider itself took it for: `STOP`, `START` or `HELP`. */
  optOutType?: string | null;
  /** The sender's country as the provider sees it. */
  fromCountry?: string | null;
}

/** A picture or other thing that came with a message. */
export interface Media {
  /** Where it is. */
  url: string;
  /** Its MIME type. */
  contentType?: string | null;
}

/** Where a call stands. */
export interface CallEvent {
  /** The account. */
  accountSid: string;
  /** The call. */
  sid: string;
  /** Where it stands. */
  status: CallStatus;
  /** Which way it went. */
  direction?: Direction | null;
  /** The caller. */
  from?: string | null;
  /** Who is called. */
  to?: string | null;
  /** The call of which this is a leg. */
  parentSid?: string | null;
  /** Seconds, at the end. */
  duration?: number | null;
  /** The place of this report among those of the call, from 0. */
  sequence?: number | null;
  /** Who answered, where that was looked at. */
  answeredBy?: string | null;
  /** Keys pressed, where they were asked for. */
  digits?: string | null;
  /** A recording, where there is one at the end. */
  recordingUrl?: string | null;
  /** What became of the leg that TwiML dialled. */
  dialStatus?: CallStatus | null;
  /** That leg. */
  dialSid?: string | null;
  /** Its seconds. */
  dialDuration?: number | null;
}

/** Who answered a call, found out while it went on. */
export interface MachineEvent {
  /** The account. */
  accountSid: string;
  /** The call. */
  sid: string;
  /** `human`, `machine_start`, `machine_end_beep`, `fax`, `unknown`, … */
  answeredBy: string;
}

/** A recording of a call. */
export interface RecordingEvent {
  /** The account. */
  accountSid: string;
  /** The call. */
  sid: string;
  /** The recording. */
  recordingSid: string;
  /** `in-progress`, `completed` or `absent`. */
  status: string;
  /** Where it is. */
  url?: string | null;
  /** Seconds. */
  duration?: number | null;
}

/** What becomes of a message's addresses at the provider. */
export type AddressRetention = "retain" | "obfuscate";

/** What is done about answering machines. */
export type AnsweringMachine = "Enable" | "DetectMessageEnd";

/** What of a call is reported to its `status_callback`. */
export type CallProgress = "initiated" | "ringing" | "answered" | "completed";

/** How the provider asks a URL. */
export type CallbackMethod = "GET" | "POST";

/** What becomes of a message's text at the provider. */
export type ContentRetention = "retain" | "discard";

/** Whether the provider looks for fraud by artificial traffic. */
export type RiskCheck = "enable" | "disable";

/** When a message is sent. */
export type ScheduleType = "fixed";

/** Whether a message costs something. */
export type TrafficType = "free";

// --- Legal hours -----------------------------------------------------------------------------

/**
 * Says what an inbound message means.
 *
 * An opt-out is a message that says one of the known words and nothing else, or says `STOP`, `UNSUBSCRIBE` or
 * `opt out` in a sentence of its own; case, marks, punctuation and "please" do not matter. Words in English,
 * German, French, Spanish, Italian, Portuguese, Dutch and Polish are known, and the commonest of some more.
 * Where a message could mean several things, what ends contact wins.
 *
 * @throws {LeadkitError} `invalid_argument` for what is no text.
 *
 * @example
 * classifyReply(" Opt-Out, please! "); // "opt_out"
 * classifyReply("please take me off your list"); // "maybe_opt_out"
 */
export function classifyReply(text: string): Reply;

/**
 * A checked table of rules: it decides at which hours somebody may be contacted. Without arguments it is
 * leadkit's own table; with a table of yours, that one on top: rules of a name that is there already take that
 * one's place, those named in `without` go, all else is added. None of it is legal advice.
 *
 * @example
 * const late = new LegalHours().decide("2026-07-01T00:30:00Z", { phone: "+13055550123" });
 * console.log(late.allowed, late.nextLegal); // 20:30 in Miami: false 2026-07-01T12:00:00.000Z
 */
export class LegalHours {
  /**
   * Checks a table.
   *
   * @throws {LeadkitError} `invalid_argument` for hours, days and dates that cannot be read, for two rules of one
   * name, and for a name in `without` that no rule has.
   */
  constructor(table?: RuleTable);

  /**
   * Whether somebody may be contacted at an instant, and from when on.
   *
   * Legal is what every rule allows in every zone: the rules of the address's country and state and of the
   * number's, in the person's own zone, in those of the address's state, and in those of the number. Where no
   * rule is, the table's cautious one holds. Informational contact has no legal hours but the quiet hours.
   *
   * @throws {LeadkitError} `invalid_argument` for holidays and quiet hours that cannot be read.
   */
  decide(at: Date | string, contact?: Contact): Decision;

  /** The table as it is written down. */
  table(): RuleTable;
}

/** What an answer means, from `classify_reply`. */
export type Reply = "opt_out" | "opt_in" | "yes" | "help" | "maybe_opt_out" | "wrong_number" | "other";

/** Rules and holidays as they are written down. */
export interface RuleTable {
  /** Its name, kept with every decision. */
  version?: string;
  /** The rules. */
  rules?: Rule[];
  /** The holidays. */
  holidays?: Holiday[];
  /** Names of rules of the table below that do not hold any more. */
  without?: string[];
}

/** A rule on the hours of contact. */
export interface Rule {
  /** Its name: a rule of the same name takes its place. */
  id: string;
  /** The country, ISO 3166-1 alpha-2; `*` for all that have no other rule. */
  country: string;
  /** The state by its short name, if it is not the whole country's. */
  state?: string | null;
  /** The channels; none named: all. */
  channels?: Channel[];
  /** The purposes; none named: marketing. */
  purposes?: Purpose[];
  /**
   * The hours by day: `mon` to `sun`, `mon-fri`, `daily`, `holiday`; days that are not named have
   * none, but a holiday is a day like others unless it is named. `""` is none at all.
   */
  hours: Record<string, string>;
  /** The first day on which it holds; none: when it was read, it did. */
  effectiveFrom?: string | null;
  /** The last day on which it holds. */
  effectiveUntil?: string | null;
  /** The law, order or code. */
  source: string;
  /** The page where it was read. */
  url?: string | null;
  /** The day on which it was read. */
  readOn?: string | null;
  /** How sure it is. */
  certainty?: Certainty;
  /** What else there is to know. */
  note?: string | null;
}

/** A holiday of a country or a state. */
export interface Holiday {
  /** The country, ISO 3166-1 alpha-2. */
  country: string;
  /** The state by its short name, if it is not the whole country's. */
  state?: string | null;
  /** What it is called. */
  name: string;
  /**
   * When it is: `12-25`; `2026-11-03` for one year; `mon 3 01`, the third Monday of January, `mon -1
   * 05`, the last one of May; `easter`. `+1` or `-2` behind it moves it by days.
   */
  on: string;
  /**
   * Whether the Friday before and the Monday after are holidays, too, when it is on a Saturday, and
   * the Monday after when it is on a Sunday.
   */
  observed?: boolean;
}

/** Options of {@link LegalHours.decide}: who is to be contacted, how and for what. */
export interface Contact {
  /** By message or by call; `sms` by default. */
  channel?: Channel;
  /** What for; marketing by default. */
  purpose?: Purpose;
  /** The number, in E.164. */
  phone?: string | null;
  /** The person's own time zone, if it is known (an IANA name). */
  timeZone?: string | null;
  /** The country of the person's address. */
  country?: string | null;
  /** The state of the person's address, by its short or long name. */
  state?: string | null;
  /** Days that are holidays where the person is, besides those of the table (`2026-12-24`). */
  holidays?: string[];
  /** The host's own quiet hours; they hold for every purpose. */
  quietHours?: QuietHours | null;
}

/** Hours of each day in which the host contacts nobody. */
export interface QuietHours {
  /** When they begin, such as `20:00`. */
  from: string;
  /** When they end, such as `9:00`; earlier than `from`, it is that of the next day. */
  until: string;
}

/** Whether somebody may be contacted, with all that the decision rests on: keep it with the message. */
export interface Decision {
  /** Whether contact is allowed at the instant asked about. */
  allowed: boolean;
  /** Why not. */
  refusal: WindowRefusal | null;
  /** The first legal instant from then on; null when there is none within a month. */
  nextLegal: Date | null;
  /** The end of the legal span that begins then; null when it lasts for a month or more. */
  legalUntil: Date | null;
  /** The instant asked about. */
  at: Date;
  /** Whose rules were applied. */
  places: Place[];
  /** The zones in which they were looked at. */
  zones: ZoneFact[];
  /** The rules. */
  rules: AppliedRule[];
  /** The name of the table of rules. */
  table: string;
}

/** A place whose rules were applied. */
export interface Place {
  /** The country, ISO 3166-1 alpha-2. */
  country: string;
  /** The state by its short name, where it matters. */
  state: string | null;
  /** What it was told from. */
  from: FactSource;
}

/** A time zone in which the rules were looked at. */
export interface ZoneFact {
  /** Its IANA name. */
  timeZone: string;
  /** What its clocks show, such as `2026-07-01T20:30:00`. */
  localTime: string;
  /** What it was told from. */
  from: FactSource;
}

/** A rule that was applied, in all zones. */
export interface AppliedRule {
  /** Its name; `quiet_hours` are the host's. */
  id: string;
  /** Whether it allows contact now. */
  allows: boolean;
  /** Its hours of the day: where it forbids, of that zone's. */
  hours: string;
  /** The law, order or code. */
  source: string;
  /** The day on which it was read. */
  readOn: string | null;
  /** How sure it is. */
  certainty: Certainty;
}

/** How sure a rule is. */
export type Certainty = "statute" | "reported" | "code" | "caution";

/** Where a fact comes from. */
export type FactSource = "lead" | "address" | "number";

/** Why contact is not allowed. */
export type WindowRefusal = "outside_hours" | "no_legal_hour";

// --- Tables ----------------------------------------------------------------------------------

/**
 * Finds out how a file of records is written.
 *
 * @throws {LeadkitError} `file_not_found`, `is_directory`, `permission_denied`, `io`,
 * `empty_source`, `not_a_table`; `invalid_argument` for an option that cannot be honoured.
 *
 * @example
 * const format = await sniff(Buffer.from("name;age\nAda;36\n"));
 * console.log(format.delimiter, format.headerRows); // ";" 1
 */
export function sniff(source: Source, format?: FormatOptions): Promise<TableFormat>;

/**
 * Reads a table in any encoding and dialect, row by row.
 *
 * @throws {LeadkitError} As {@link sniff}; `io` while it is read.
 *
 * @example
 * const table = await readTable("people.csv");
 * for await (const row of table) console.log(row[0]);
 */
export function readTable(source: Source, format?: FormatOptions): Promise<Table>;

/**
 * A table being read. It iterates once over its rows, arrays of as many strings as the file gives
 * them; rows that could not be read properly come out as they are and are named in `issues`.
 */
export class Table implements AsyncIterable<string[]> {
  private constructor();

  /** The columns' names, each once. */
  readonly header: string[];
  /** How the file is written. */
  readonly format: TableFormat;
  /** What was noticed in the rows so far, at most 1,000. */
  readonly issues: LineIssue[];
  [Symbol.asyncIterator](): AsyncIterableIterator<string[]>;
}

/** How a file of records is written. */
export interface TableFormat {
  /** The character encoding by its WHATWG name: `UTF-8`, `UTF-16LE`, `windows-1252`. */
  encoding: string;
  /** Whether the file begins with a byte order mark. */
  bom: boolean;
  /** The character between two cells. */
  delimiter: string;
  /** The character around cells that hold delimiters or line breaks; null when quotes mean themselves. */
  quote: string | null;
  /** The character that makes a quote inside a quoted cell literal; null when quotes are doubled. */
  escape: string | null;
  /** The prevailing end of a line: `\n`, `\r\n` or `\r`. Reading accepts all three, mixed too. */
  lineTerminator: string;
  /** The character that begins a line to be ignored. */
  comment: string | null;
  /** Lines at the top that are no part of the table: titles, blank lines, Excel's `sep=;`. */
  preambleRows: number;
  /** Rows that name the columns: 0 or 1. */
  headerRows: number;
  /** The sheets of a workbook; empty for text files. */
  sheets: string[];
  /** How sure all of this is, from 0 to 1. */
  confidence: number;
  /** The columns' names, each once: `email`, `email_2`; `column_3` where the file names none. */
  columns: string[];
}

/**
 * What the caller knows about a file better than detection does; what is not given is detected. An
 * empty string for `quote`, `escape` or `comment` says that the file has none.
 */
export interface FormatOptions {
  /** The character encoding by any WHATWG label: `utf-8`, `windows-1252`, `latin1`, `utf-16le`. */
  encoding?: string | null;
  /** The character between two cells: one ASCII character; `\t` may be spelt out. */
  delimiter?: string | null;
  /** The character around cells: one ASCII character, or empty for none. */
  quote?: string | null;
  /** The character that makes a quote inside a quoted cell literal, or empty for doubled quotes. */
  escape?: string | null;
  /** The character that begins a line to be ignored, or empty for none. */
  comment?: string | null;
  /** Whether the first row names the columns. */
  header?: boolean | null;
  /** Lines to skip at the top, whatever they hold. */
  preambleRows?: number | null;
}

// --- Values ----------------------------------------------------------------------------------

/**
 * Reads one phone number. A bad one never throws: `valid` is false and `issues` says why.
 *
 * @param defaultCountry The country by which a number without a country code is read.
 *
 * @example
 * normalizePhone("030 1234567", "DE").e164; // "+49301234567"
 */
export function normalizePhone(text: string, defaultCountry?: string | null): PhoneResult;

/**
 * Reads one bare email address and returns its canonical form and what is known about it. A bad one
 * never throws: `valid` is false and `issues` says why.
 *
 * @example
 * normalizeEmail("Ada@Lovelace.ORG").address; // "Ada@lovelace.org"
 */
export function normalizeEmail(text: string): EmailResult;

/**
 * Reads a company name and makes the key by which its spellings match.
 *
 * @param country Makes known the legal forms that are ambiguous elsewhere (alpha-2 code or name).
 *
 * @example
 * normalizeCompany("Schäfer Möbel GmbH & Co. KG", "DE").key; // "schafer mobel"
 */
export function normalizeCompany(text: string, country?: string | null): CompanyResult;

/**
 * Splits a full name into its parts and brings JOHN O'CONNOR into the usual case; mixed case stays
 * as written. What names nobody has no parts and the issue `person_junk`.
 *
 * @example
 * normalizePerson("Dr. Jürgen von der Müller").family; // "von der Müller"
 */
export function normalizePerson(text: string): PersonResult;

/**
 * The ISO 3166-1 alpha-2 code of a country's name or code; null for what no list knows.
 *
 * @example
 * normalizeCountry("Deutschland"); // "DE"
 */
export function normalizeCountry(text: string): string | null;

/**
 * The time zones (IANA names) of the places that a phone number may belong to.
 *
 * Most landlines have one; mobiles of a country with several zones have all of them, as have its
 * toll-free numbers: they are candidates. An American number's is where it was given out; numbers
 * move along with people. Empty for a number that is not in use, for satellite and other global
 * numbers, and for what is not written with `+` and its country code.
 *
 * @example
 * phoneTimeZones("+12127365000"); // ["America/New_York"]
 * phoneTimeZones("+17757495809"); // ["America/Boise", "America/Los_Angeles"]
 */
export function phoneTimeZones(e164: string): string[];

/**
 * The occurrences of a schedule, the earliest first: all that lie between `after` and `before`, up to
 * `count`.
 *
 * A local time that the clock is put forward over happens as much later as the clock is put forward; one
 * that comes twice, as the clock is put back, happens the first time only (RFC 5545). What falls together
 * by these rules happens once.
 *
 * @throws {LeadkitError} `invalid_argument` for a schedule that has neither `at` nor `start` and `rrule`,
 * or both; for times, rules, zones, hours and holidays that cannot be read; for one that would wait for
 * hours that no day of a year has; without the zone of the recipient or owner where the schedule goes by
 * it; for a `count` beyond 1,000; and for a rule that has more than 500,000 occurrences before the wanted
 * ones. `unknown_option`.
 *
 * @example
 * const daily = { zone: "Europe/Berlin", start: "2026-03-28T02:30", rrule: "FREQ=DAILY;COUNT=3" };
 * nextOccurrences(daily).map((one) => one.local);
 * // ["2026-03-28T02:30:00", "2026-03-29T03:30:00", "2026-03-30T02:30:00"]
 */
export function nextOccurrences(schedule: Schedule, options?: OccurrenceOptions): Occurrence[];

/**
 * What is to be done of a schedule at `now`, when all was done up to and including `after`: its
 * occurrences after that and not after `now`, by its policy for missed ones.
 *
 * `run_once` runs the last of them, `run_all` each of them, `skip` those that are late by `late` minutes
 * at most.
 *
 * @param zone That of the recipient or owner, where the schedule goes by theirs.
 *
 * @throws {LeadkitError} As {@link nextOccurrences}; `invalid_argument` when `run_all` finds more than
 * 1,000 of them.
 *
 * @example
 * const daily = { zone: "Europe/Berlin", start: "2026-06-01T09:00", rrule: "FREQ=DAILY" };
 * const due = dueOccurrences(daily, "2026-06-01T10:00:00Z", "2026-06-04T10:00:00Z");
 * due.run[0].local; // "2026-06-04T09:00:00"
 * due.skipped; // 2
 */
export function dueOccurrences(
  schedule: Schedule,
  after: Date | string,
  now: Date | string,
  zone?: string | null,
): DueOccurrences;

/** When something happens: once, or again and again, by the clock of a zone. */
export interface Schedule {
  /**
   * Whose clock: an IANA name such as `Europe/Berlin`, or `recipient` or `owner`, whose zone is then given
   * when the occurrences are asked for.
   */
  zone?: string;
  /** Once: a local time such as `2026-03-29T09:00`, or an instant with its offset. */
  at?: string | null;
  /** Again and again: the local time from which on it recurs, such as `2026-01-05T09:00`. */
  start?: string | null;
  /** How it recurs: a rule of RFC 5545 such as `FREQ=WEEKLY;BYDAY=MO,TH`. */
  rrule?: string | null;
  /** The days and hours of business, outside of which nothing happens. */
  calendar?: BusinessCalendar | null;
  /** Hours of each day in which nothing happens. */
  quiet?: QuietHours | null;
  /** What becomes of an occurrence outside of them; `move` by default. */
  outside?: Outside;
  /** What becomes of occurrences that nobody looked at in time; `run_once` by default. */
  missed?: Missed;
  /**
   * With `missed` as `skip`: by how many minutes an occurrence may be late and still happens; 60 when none
   * is given.
   */
  late?: number | null;
}

/** Days and hours of business. */
export interface BusinessCalendar {
  /**
   * The hours by day: `mon` to `sun`, `mon-fri`, `daily`, `holiday`; days that are not named are closed,
   * holidays among them.
   */
  hours?: Record<string, string>;
  /**
   * The holidays: `12-25`; `2026-11-03` for one year; `mon 3 01`, the third Monday of January; `easter +1`.
   */
  holidays?: string[];
}

/**
 * What becomes of an occurrence outside the hours of business or within the quiet ones: it happens at the
 * first moment that is open, or not at all.
 */
export type Outside = "move" | "skip";

/**
 * What becomes of occurrences that nobody looked at in time, as after a downtime: the last one happens for
 * all of them, each happens, or those that are not too late.
 */
export type Missed = "run_once" | "run_all" | "skip";

/** Which occurrences to name. */
export interface OccurrenceOptions {
  /** Those after this instant; none: from the first on. */
  after?: Date | string | null;
  /** Those before this instant; none: without an end. */
  before?: Date | string | null;
  /** How many at most: 10 when not said, 1,000 at most. */
  count?: number | null;
  /** The zone of the recipient or owner (an IANA name), where the schedule goes by theirs. */
  zone?: string | null;
}

/** One time at which something happens. */
export interface Occurrence {
  /** When it happens. */
  at: Date;
  /** What the zone's clock shows then, such as `2026-03-29T03:30:00`. */
  local: string;
  /** What the schedule says, on the same clock. */
  planned: string;
  /** The zone. */
  zone: string;
  /** Why it is not just what the schedule says, if it is not. */
  shifts: Shift[];
}

/**
 * Why an occurrence is not just at the local time that a schedule says: the clock is put forward over it,
 * it comes twice and this is the first time, or it waits for hours that are open.
 */
export type Shift = "skipped_hour" | "repeated_hour" | "closed";

/** What is to be done now of a schedule, from {@link dueOccurrences}. */
export interface DueOccurrences {
  /** What is to happen now, the earliest first. */
  run: Occurrence[];
  /** How many were missed and do not happen any more. */
  skipped: number;
  /** The first occurrence after now: when to look again. */
  next: Occurrence | null;
}

/**
 * Counts the segments of an SMS exactly as Twilio does.
 *
 * One character beyond GSM-7 makes the whole message UCS-2, whose segments hold less than half.
 * Characters of GSM-7's extension (`€`, `[`, `~` ...) take two septets and are not split over two
 * segments; nor are surrogate pairs and grapheme clusters such as an emoji with its skin tone. An
 * empty text is one segment.
 *
 * @param smartEncoding Whether what Twilio's setting of that name would replace is replaced first.
 *
 * @example
 * const found = smsSegments("It’s " + "here".repeat(20));
 * found.encoding; // "UCS-2"
 * found.segments; // 2
 * found.nonGsm; // [{ character: "’", count: 1, replacement: "'" }]
 * found.segmentsIfReplaced; // 1
 */
export function smsSegments(text: string, smartEncoding?: boolean | null): Segments;

/** How a text is sent as SMS, from {@link smsSegments}. */
export interface Segments {
  /** The alphabet that the text needs. */
  encoding: SmsEncoding;
  /** How many segments are billed. */
  segments: number;
  /** The text's length in septets (GSM-7) or 16-bit units (UCS-2). */
  units: number;
  /** The length of each segment, in the same units. */
  segmentUnits: number[];
  /** The characters that GSM-7 does not have, each once, in order of appearance. */
  nonGsm: NonGsm[];
  /** How many segments the text would make with all of them replaced; null when one has no replacement. */
  segmentsIfReplaced: number | null;
}

/** How an SMS is encoded: seven bits a character, or sixteen. */
export type SmsEncoding = "GSM-7" | "UCS-2";

/** A character that makes a message UCS-2. */
export interface NonGsm {
  /** The character with its marks (a grapheme cluster). */
  character: string;
  /** How often it stands in the text. */
  count: number;
  /**
   * What could be written in its place: what Smart Encoding writes, or its letters without marks;
   * null for other scripts and for emoji.
   */
  replacement: string | null;
}

/** Everything about a phone number. */
export interface PhoneResult {
  /** Whether the number lies in a range that is in use. */
  valid: boolean;
  /** Whether it has a length that its country knows. */
  possible: boolean;
  /** `+` and digits (ITU-T E.164), whenever the text could be read as a number, valid or not. */
  e164: string | null;
  /** What it is used for; null when unknown. */
  type: PhoneType | null;
  /** The country it belongs to, ISO 3166-1 alpha-2; null for satellite and other global numbers. */
  country: string | null;
  /** The digits to dial after the call is answered. */
  extension: string | null;
  /** As written within its country. */
  national: string | null;
  /** As written from abroad. */
  international: string | null;
  /** What is wrong or was noticed. */
  issues: Issue[];
}

/** What a number is used for, by its range in the numbering plan. */
export type PhoneType =
  | "fixed_line"
  | "mobile"
  | "fixed_line_or_mobile"
  | "toll_free"
  | "premium_rate"
  | "shared_cost"
  | "voip"
  | "personal_number"
  | "pager"
  | "uan"
  | "voicemail";

/** Everything about an email address. */
export interface EmailResult {
  /** Whether mail could be sent to it, as far as the text tells. */
  valid: boolean;
  /** The canonical form: domain in lower-case Unicode, local part as written (NFC). */
  address: string | null;
  /** What stands before the `@`, as written (NFC). */
  local: string | null;
  /** What stands after the `@`, in lower-case Unicode. */
  domain: string | null;
  /** The domain as the DNS has it (punycode). */
  asciiDomain: string | null;
  /** Equal for addresses that reach the same mailbox. */
  key: string | null;
  /** Whether it belongs to a function (`info@`), not a person. */
  role: boolean;
  /** Whether the domain is a provider for everybody. */
  free: boolean;
  /** Whether the domain gives throw-away addresses. */
  disposable: boolean;
  /** What was probably meant, when the domain looks mistyped. */
  suggestion: string | null;
  /** What is wrong or was noticed. */
  issues: Issue[];
}

/** The parts of a company name. */
export interface CompanyResult {
  /** The name as written, cleaned of stray blanks. */
  display: string | null;
  /** The match key: folded, without punctuation, legal form and leading "The"; `&` reads as "and". */
  key: string | null;
  /** The legal form in its usual spelling. */
  legalForm: string | null;
  /** What is wrong or was noticed. */
  issues: Issue[];
}

/** The parts of a personal name. */
export interface PersonResult {
  /** Given name; several where they belong together (`María José García Márquez`). */
  given: string | null;
  /** Middle names or initials. */
  middle: string | null;
  /** Family name, with its particles. */
  family: string | null;
  /** Titles and forms of address in front: `Dr.`, `Frau Prof.` */
  prefix: string | null;
  /** What follows: `Jr.`, `III`, `PhD`. */
  suffix: string | null;
  /** The whole name as it is written. */
  display: string | null;
  /** Folded `given family`, for matching. */
  key: string | null;
  /** What is wrong or was noticed. */
  issues: Issue[];
}

/** How grave an issue is: worth knowing; dropped, repaired or doubtful; rejected. */
export type Severity = "info" | "warning" | "error";

/** One thing noticed about a value or a row. */
export interface Issue {
  /** The stable code. */
  code: IssueCode;
  /** How grave it is here. */
  severity: Severity;
  /** The lead field it is about, in snake_case; null for a whole row or a bare value. */
  field: string | null;
  /** What is wrong and what to do, without the value. */
  message: string;
  /** The value as it stood; may be personal data. */
  value: string | null;
}

/** An issue and the line of the file where the row begins, counted from 1. */
export interface LineIssue extends Issue {
  line: number;
}

/** A stable name of what was noticed; it never changes between versions. */
export type IssueCode =
  | "placeholder"
  | "invalid_encoding"
  | "nul_removed"
  | "formula"
  | "email_missing_at"
  | "email_invalid_local"
  | "email_invalid_domain"
  | "email_incomplete_domain"
  | "email_reserved_domain"
  | "email_address_literal"
  | "email_too_long"
  | "email_unsafe_character"
  | "email_several"
  | "email_unwrapped"
  | "email_typo"
  | "email_role"
  | "phone_not_a_number"
  | "phone_no_country"
  | "phone_invalid_country_code"
  | "phone_too_short"
  | "phone_too_long"
  | "phone_not_in_use"
  | "phone_several"
  | "phone_scientific"
  | "company_junk"
  | "person_junk"
  | "country_unknown"
  | "date_invalid"
  | "number_invalid"
  | "boolean_invalid"
  | "choice_unknown"
  | "status_unknown"
  | "website_invalid"
  | "language_invalid"
  | "time_zone_invalid"
  | "too_long"
  | "opt_out_unreadable"
  | "opt_in_unreadable"
  | "opt_in_not_granted"
  | "opt_in_blocked"
  | "consent_without_phone"
  | "missing_identity"
  | "required_missing"
  | "too_many_cells"
  | "too_few_cells"
  | "unclosed_quote"
  | "record_too_large"
  | "shared_email"
  | "match_conflict"
  | "lead_not_found"
  | "already_exists"
  | "kept_existing"
  | "unchanged"
  | "already_imported"
  | "match_skipped";

// --- Errors ----------------------------------------------------------------------------------

/**
 * What went wrong, where, and what to do. The message never holds a cell's value, so that it is safe
 * to log; the value, where there is one, is in `value`.
 *
 * @example
 * try {
 *   await db.importLeads("leads.csv", { defaultContry: "DE" });
 * } catch (error) {
 *   if (error instanceof LeadkitError) console.log(error.code, error.hint); // unknown_option did you mean ...
 * }
 */
export class LeadkitError extends Error {
  private constructor();

  /** The stable code, such as `file_not_found`. */
  readonly code: ErrorCode;
  /** The family of the error. */
  readonly kind: ErrorKind;
  /** What the caller can do about it. */
  readonly hint: string | null;
  /** The file it is about. */
  readonly path: string | null;
  /** The line of the source, counted from 1. */
  readonly row: number | null;
  /** The field, column or option it is about. */
  readonly field: string | null;
  /** The offending value; may be personal data. */
  readonly value: string | null;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;
  /** The signal's reason, where a signal cancelled the call. */
  readonly cause?: unknown;
}

/** A stable name of what went wrong; it never changes between versions. */
export type ErrorCode =
  | "invalid_argument"
  | "unknown_option"
  | "unknown_field"
  | "unknown_column"
  | "invalid_filter"
  | "invalid_value"
  | "not_found"
  | "file_not_found"
  | "is_directory"
  | "permission_denied"
  | "file_exists"
  | "io"
  | "disk_full"
  | "empty_source"
  | "no_records"
  | "not_a_table"
  | "no_mappable_column"
  | "already_exists"
  | "conflict"
  | "plan_expired"
  | "undo_expired"
  | "not_undoable"
  | "already_undone"
  | "undo_conflict"
  | "invalid_template"
  | "template_value_missing"
  | "confirmation_needed"
  | "busy"
  | "operation_running"
  | "schema_too_new"
  | "not_a_database"
  | "corrupt"
  | "read_only"
  | "unreachable"
  | "on_hold"
  | "erased"
  | "key_missing"
  | "provider_refused"
  | "access_denied"
  | "unsupported"
  | "unsupported_store"
  | "cancelled"
  | "closed"
  | "internal";

/** Families of errors. */
export type ErrorKind =
  | "invalid_input"
  | "not_found"
  | "io"
  | "format"
  | "busy"
  | "conflict"
  | "full"
  | "corrupt"
  | "schema_too_new"
  | "unreachable"
  | "cancelled"
  | "closed"
  | "internal";

// --- Tests of hosts --------------------------------------------------------------------------

/** A fixed clock and fixed randomness, for tests of hosts: two equal runs give equal bytes. */
export namespace testing {
  /**
   * Opens a database whose clock stands at `now` until it is advanced, and whose randomness follows
   * from `seed`.
   *
   * @throws {LeadkitError} As {@link open}.
   *
   * @example
   * const db = await testing.open(":memory:", { now: new Date("2026-03-01T09:00:00Z"), seed: 1 });
   * db.advance(60);
   */
  function open(url: string | URL, options: TestingOptions): Promise<TestingDatabase>;

  /**
   * A CSV of about so many leads as they come in real life: a title line above the header,
   * semicolons, Windows-1252, names and numbers of five countries in a dozen spellings, doubles,
   * blank lines, and values that are simply wrong. The same seed gives the same bytes.
   *
   * @throws {LeadkitError} `invalid_argument`.
   *
   * @example
   * const report = await db.importLeads(testing.messyCsv(200, { seed: 1 }));
   */
  function messyCsv(rows: number, options?: { seed?: number | bigint }): Uint8Array;

  /** Options of {@link testing.open}. */
  interface TestingOptions extends OpenOptions {
    /** Where the clock stands: a `Date`, or RFC 3339. */
    now: Date | string;
    /** What the randomness follows from: a whole number, 0 when left out. */
    seed?: number | bigint;
  }

  /**
   * Twilio, as far as tests need it: an HTTP server on this machine that takes messages and calls as Twilio does,
   * reports what becomes of them, and fails as asked.
   *
   * Everything happens by its clock: with a fixed one nothing becomes of a message until the clock is advanced.
   * Callbacks are handed out by {@link FakeTwilio.callbacks}, posted by {@link FakeTwilio.deliver}, or posted as
   * they fall due after {@link FakeTwilio.deliverByItself}.
   *
   * @example
   * const db = await testing.open(":memory:", { now: "2026-03-02T09:00:00Z", seed: 1 });
   * const fake = new testing.FakeTwilio(db);
   * const twilio = fake.twilio();
   * await db.comms.dispatch(twilio);
   * db.advance(60);
   * for (const request of fake.callbacks()) await db.comms.receive(twilio, request);
   */
  class FakeTwilio {
    /**
     * Starts one.
     *
     * @param db A database whose clock it shares, so that both are advanced together; without one its clock
     * stands at `now`, or is the machine's.
     * @throws {LeadkitError} `io` when this machine gives no port or thread; `invalid_argument` for a key without
     * its secret, for a database and a `now` at once; `unknown_option`.
     */
    constructor(db?: Database | null, options?: FakeOptions);
    /** Its address, as a `baseUrl`. */
    readonly url: string;
    /** Its account. */
    readonly accountSid: string;
    /** Its account's token. */
    readonly authToken: string;
    /** The number that sends, alone and for the messaging service. */
    readonly number: string;
    /** A messaging service that has the number. */
    readonly service: string;
    /** The instant at which its clock stands. */
    readonly now: Date;

    /** Moves its clock, and with it the database's whose clock it is; the machine's is left alone. */
    advance(seconds: number): void;
    /** The options of a {@link Twilio} that leads here, sending from its `number`. */
    config(): TwilioConfig;
    /** A transport that leads here, with the same clock. */
    twilio(): Twilio;
    /** What goes wrong with the next request that creates a message or call; several queue up. */
    fault(fault: Fault): void;
    /** What goes wrong once in so many of those requests, by the seed; 0 ends it. */
    faultOnceIn(requests: number, fault: Fault): void;
    /**
     * What becomes of messages and calls to a number from now on; otherwise they are delivered, or answered and
     * hung up after 12 seconds.
     */
    fate(to: string, fate: Fate): void;
    /** Hands callbacks out in random order, by the seed. */
    shuffleCallbacks(on: boolean): void;
    /** Hands each callback out so many times; once otherwise. */
    repeatCallbacks(times: number): void;
    /**
     * A message from outside, as the request that Twilio makes to a URL of ours. STOP and its like block what is
     * sent to `sender` from then on (21610), START lifts that.
     *
     * @throws {LeadkitError} `invalid_argument` when the URL cannot be signed.
     */
    inbound(sender: string, to: string, body: string, url: string): WebhookRequest;
    /**
     * A call from outside, as the request that Twilio makes to a URL of ours.
     *
     * @throws {LeadkitError} `invalid_argument` when the URL cannot be signed.
     */
    inboundCall(sender: string, to: string, url: string): WebhookRequest;
    /** The callbacks that have fallen due and were not handed out yet, signed. */
    callbacks(): WebhookRequest[];
    /** When the next callback falls due. */
    nextCallback(): Date | null;
    /**
     * Posts the callbacks that have fallen due, one after the other; the statuses that the host answered, 0 where
     * it did not.
     */
    deliver(): Promise<number[]>;
    /** Posts callbacks as they fall due, until the fake ends. */
    deliverByItself(): void;
    /** How often a text to an address was accepted: more than once is what must never happen. */
    accepted(to: string, body: string): number;
    /** All that was accepted: recipient, text, how often. */
    acceptedAll(): [string, string, number][];
    /** The messages it has, oldest first, as they stand now. */
    messages(): FakeMessage[];
    /** Where a message stands by now. */
    status(sid: string): MessageStatus | null;
    /** The requests it received, oldest first, without their credentials. */
    requests(): FakeRequest[];
    /** Forgets the requests it received. */
    forgetRequests(): void;
  }

  /** Which account the fake is, and how fast things happen there. */
  interface FakeOptions {
    /** The account. */
    accountSid?: string;
    /** Its token: signs in, and signs webhooks. */
    authToken?: string;
    /** A key that signs in too. */
    apiKey?: string | null;
    /** The key's secret. */
    apiSecret?: string | null;
    /** Decides ids, and the chance of faults and of the order of callbacks. */
    seed?: number;
    /** Seconds of the clock from one status to the next. */
    pace?: number;
    /** Seconds from a message's last status to its price. */
    priceAfter?: number;
    /** Where a clock of its own stands, for `start_for`. */
    now?: Date | string | null;
  }

  /** A message that the fake accepted, or that came from outside. */
  interface FakeMessage {
    /** Its id. */
    sid: string;
    /** The recipient. */
    to: string;
    /** The sender; none while a messaging service has not chosen one. */
    from: string | null;
    /** The messaging service. */
    messagingServiceSid: string | null;
    /** The text; empty once it is redacted. */
    body: string;
    /** URLs of its media. */
    mediaUrls: string[];
    /** Whether it came from outside. */
    inbound: boolean;
    /** When it was accepted. */
    createdAt: Date;
    /** When it stands where, in order of time; the first is its first status. */
    life: [Date, MessageStatus][];
    /** Why it is not delivered in the end. */
    errorCode: number | null;
    /** When its price is known. */
    pricedAt: Date | null;
  }

  /** A request that the fake received. */
  interface FakeRequest {
    /** `GET`, `POST` or `DELETE`. */
    method: string;
    /** The path, without the query. */
    path: string;
    /** The query's fields, decoded, in their order. */
    query: [string, string][];
    /** The form's fields, decoded, in their order. */
    form: [string, string][];
    /** The headers, without `authorization`. */
    headers: Record<string, string>;
    /** The body as it came. */
    body: string;
  }

  /** What goes wrong with a request that creates a message or call. */
  type Fault =
    /** 429: nothing is accepted. */
    | { fault: "too_many_requests"; retryAfter?: number | null }
    /** A refusal with a code of Twilio's. */
    | { fault: "refusal"; status: number; code: number }
    /** An answer that says nothing about what happened. */
    | { fault: "server_error"; status: number; accepted: boolean }
    /** The connection is closed without an answer, or no answer ever comes. */
    | { fault: "dropped" | "silence"; accepted: boolean }
    /** The message is accepted; the connection ends in the middle of the answer. */
    | { fault: "half_an_answer" }
    /** The message is accepted; the answer comes late, in milliseconds of real time. */
    | { fault: "slow"; millis: number };

  /**
   * What becomes of messages and calls to a number. A message is delivered, and a call answered and hung up after
   * 12 seconds; delivered and read, answered by a machine; not delivered, or not answered; failed at Twilio; sent
   * and never heard of again, or busy.
   */
  type Fate =
    | { fate: "delivered" | "read" | "silence" }
    | { fate: "undelivered" | "failed"; code: number };

  /** A database with a clock of its own. */
  interface TestingDatabase extends Database {
    /** Moves the clock by a number of seconds. */
    advance(seconds: number): void;
  }
}
