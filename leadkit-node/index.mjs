// The same names as index.cjs; index.d.ts documents them.
import leadkit from "./index.cjs";

export const {
  Database,
  ImportReport,
  LeadkitError,
  LegalHours,
  Page,
  StatsReport,
  Table,
  Twilio,
  classifyReply,
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
  verifyTwilioRequest,
} = leadkit;
