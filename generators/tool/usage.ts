import { FIELD_TYPES } from './field-types.ts';

export const USAGE = `Usage: npx create-tool [id] [flags]      (the same: npx yo platform:tool [id] [flags])

Scaffolds a tool in tools/<id>/ and registers it. Prompts for missing answers on a terminal.

  --name=TEXT            Tool name
  --description=TEXT     Description
  --tool-version=1.0.0   Initial version
  --status=beta          alpha, beta, active or deprecated
  --owner=TEXT           Responsible team or person
  --resource=SPEC        A resource of the tool; repeatable. SPEC is name:field[:type][:option]..., for example
                         item:name:string,quantity:integer,dueOn:date,ownerId:uuid:references=owner
                         Types: ${Object.keys(FIELD_TYPES).join(', ')}
                         Options: required, unique, references=<resource>
  --answers=FILE         Answers in a JSON file; flags override it
  --yes, -y              Accept all suggestions without prompting
  --dry-run              Print the changes as a diff for git apply, and write nothing
  --force                Overwrite edited files
  --no-register          Do not register the tool
  --help, -h             Print this text

Exit codes: 0 done; 2 usage, or answers missing; 3 refused, nothing written; 4 failed, nothing written;
5 written, but not registered. Set PLATFORM_TOKEN for a platform that requires a token.`;
