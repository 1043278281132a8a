// The same names as index.cjs; index.d.ts documents them.
import leadkit from "./index.cjs";

export const {
  Database,
  ErasureCertificate,
  ImportReport,
  LeadExplanation,
  LeadkitError,
  LegalHours,
  Page,
  PersonExport,
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
