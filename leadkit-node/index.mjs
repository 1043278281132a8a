// The same names as index.cjs; index.d.ts documents them.
import leadkit from "./index.cjs";

export const {
  Database,
  ImportReport,
  LeadkitError,
  Page,
  Table,
  normalizeCompany,
  normalizeCountry,
  normalizeEmail,
  normalizePerson,
  normalizePhone,
  open,
  phoneTimeZones,
  readTable,
  smsSegments,
  sniff,
  testing,
} = leadkit;
