/** The exceptions that cross Odoo's HTTP layer, with their Python names and what each door makes of them. */
const KINDS = {
  access: { name: 'odoo.exceptions.AccessError', status: 403, fault: 4 },
  denied: { name: 'odoo.exceptions.AccessDenied', status: 403, fault: 3 },
  missing: { name: 'odoo.exceptions.MissingError', status: 404, fault: 2 },
  user: { name: 'odoo.exceptions.UserError', status: 422, fault: 2 },
  validation: { name: 'odoo.exceptions.ValidationError', status: 422, fault: 2 },
  value: { name: 'builtins.ValueError', status: 500, fault: 1 },
  type: { name: 'builtins.TypeError', status: 500, fault: 1 },
  key: { name: 'builtins.KeyError', status: 500, fault: 1 },
  attribute: { name: 'builtins.AttributeError', status: 500, fault: 1 },
  notImplemented: { name: 'builtins.NotImplementedError', status: 500, fault: 1 },
  /** Two transactions wrote the same row, and the retries are used up. */
  serialization: { name: 'psycopg2.errors.SerializationFailure', status: 500, fault: 1 },
  database: { name: 'psycopg2.OperationalError', status: 500, fault: 1 },
} as const;

export type OdooErrorKind = keyof typeof KINDS;

/** Thrown by the sandbox's ORM; each door renders it in its own format (odoo/http.py, addons/rpc/controllers). */
export class OdooError extends Error {
  readonly kind: OdooErrorKind;

  constructor(kind: OdooErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }

  /** Module and class of the Python exception. */
  get pythonName(): string {
    return KINDS[this.kind].name;
  }

  /** Status that JSON-2 answers with. */
  get status(): number {
    return KINDS[this.kind].status;
  }

  /** Code of the fault at `/xmlrpc/2`. */
  get faultCode(): number {
    return KINDS[this.kind].fault;
  }

  /** What an administrator would find in the log; the sandbox has no stack of Odoo's to show. */
  get traceback(): string {
    return `Traceback (most recent call last):\n${this.pythonName}: ${this.message}\n`;
  }
}

/** Five keys, in the order in which `serialize_exception` writes them. */
export function serialized(error: OdooError): Readonly<Record<string, unknown>> {
  return {
    name: error.pythonName,
    message: error.message,
    arguments: [error.message],
    context: {},
    debug: error.traceback,
  };
}
