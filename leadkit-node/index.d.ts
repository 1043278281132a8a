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
  /** Threads of the database's own pool; 0 takes one for each core. */
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
  /** The switches: whether anything is sent, and by what. */
  readonly settings: SettingsRoom;
  /** Texts for messages and calls, by name and version. */
  readonly templates: Templates;
  /** What was done to this database: imports, exports, edits, bulk operations, undos. */
  readonly operations: Operations;

  /**
   * The same database, acting as somebody else: the log of operations names them. Nothing is
   * opened, so this is no promise.
   *
   * @example
   * const mia = db.asActor("mia", { reason: "trade fair list" });
   * await mia.leads.add({ email: "ada@lovelace.org" });
   * const [last] = await db.operations.list({ limit: 1 });
   * console.log(last.actor); // "mia"
   */
  asActor(id: string, options?: { reason?: string | null }): this;

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
export type Condition =
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
export type Filter = { [name in FieldName | "id" | "rev"]?: Condition } & {
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
   * Messages, the newest first.
   *
   * @throws {LeadkitError} `invalid_argument` for a cursor that no page gave.
   */
  list(options?: CommunicationListOptions): Promise<Page<Communication>>;

  /** What happened to a message, in order. */
  events(id: number): Promise<CommunicationEvent[]>;
}

/** Options of {@link Comms.queueSms}. */
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
 * deliver it, something forbids it, it was taken back, it came in.
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
  | "received";

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
  channel: Channel;
  /** Which way it goes. */
  direction: Direction;
  /** Where it stands on our side; the provider's word is its `status`. */
  state: CommunicationState;
  /** What it is for; null for what came in. */
  purpose: Purpose | null;
  /** To which number, in E.164. */
  to: string;
  /** From which number or messaging service; null: the transport's own. */
  sender: string | null;
  /** The text. */
  body: string;
  /** The template that the text was made of. */
  template: string | null;
  /** That template's version. */
  templateVersion: number | null;
  /** A name of the caller's for messages that belong together. */
  campaign: string | null;
  /** The key by which a repeated call gives this message again. */
  key: string | null;
  /** Who queued it. */
  actor: string | null;
  /** Why. */
  reason: string | null;
  /** When it was queued, or came in. */
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
  /** What it cost. */
  price: Money | null;
  /** What the last decision to send or not to send it rested on. */
  evidence: unknown;
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
   * and after.
   *
   * @example
   * await db.asActor("mia", { reason: "campaign approved" }).settings.set({ sending: true });
   */
  set(options: SettingsChange): Promise<Settings>;
}

/** Which switches to turn; those that are not named stay. */
export interface SettingsChange {
  /** Whether anything is sent at all. */
  sending?: boolean | null;
  /** Whether text messages are sent. */
  sms?: boolean | null;
  /** Whether calls are made. */
  voice?: boolean | null;
  /** Whether automations run. */
  automations?: boolean | null;
  /** The URL under which the provider reaches this host; empty clears it. */
  publicUrl?: string | null;
  /** The account that this database sends by; empty lets the next dispatch bind it anew. */
  account?: string | null;
}

/** The switches as they stand. Each change is an operation, so that the log tells who turned what. */
export interface Settings {
  /**
   * Whether anything is sent at all. Off in a new database, and in every backup and copy: what was sent
   * already must not be sent again from there.
   */
  sending: boolean;
  /** Whether text messages are sent. */
  sms: boolean;
  /** Whether calls are made. */
  voice: boolean;
  /** Whether automations run. */
  automations: boolean;
  /** The URL under which the provider reaches this host: what becomes of a message is reported there. */
  publicUrl: string | null;
  /**
   * The provider's account that this database sends by, and where. The first dispatch binds it; another
   * account or a test server is refused then.
   */
  account: string | null;
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
}

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
  | "restore"
  | "undo"
  | "prune"
  | "change_settings"
  | "save_template";

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
  | "deleted";

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
  | "provider_refused"
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

  /** A database with a clock of its own. */
  interface TestingDatabase extends Database {
    /** Moves the clock by a number of seconds. */
    advance(seconds: number): void;
  }
}
