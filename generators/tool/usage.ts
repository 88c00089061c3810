import { FIELD_TYPES } from './field-types.ts';

export const USAGE = `Usage: npx create-tool [id] [flags]      (the same: npx yo platform:tool [id] [flags])

Scaffolds a tool in tools/<id>/ and registers it. What is not given is asked for when there is a terminal.

  --name=TEXT            Tool name
  --description=TEXT     Description
  --tool-version=1.0.0   Initial version
  --status=beta          alpha, beta, active or deprecated
  --owner=TEXT           Team or person to ask
  --resource=SPEC        What the tool keeps; may be repeated. SPEC is name:field[:type][:option]..., such as
                         item:name:string,quantity:integer,dueOn:date,ownerId:uuid:references=owner
                         Types: ${Object.keys(FIELD_TYPES).join(', ')}
                         Options: required, unique, references=<resource>
  --answers=FILE         All of these in a JSON file; a flag wins over it
  --yes, -y              Ask nothing, take the suggestions
  --dry-run              Print what would be written as a diff for git apply, and write nothing
  --force                Write over files that differ
  --no-register          Leave the registry alone
  --help, -h             This text

Exit codes: 0 done; 2 usage, or answers missing; 3 refused, nothing written; 4 failed, nothing written;
5 written, but the registry could not be told. A platform that asks for a token: PLATFORM_TOKEN.`;
