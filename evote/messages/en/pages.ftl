### The plain pages of the public record. $name, $time and the like are text, counts are numbers.

page-number = { $value }
page-percent = { $value } %
page-training = Training election: votes cast here have no legal effect.
page-official = Official election
page-skip = Skip to the content
page-languages = Language
page-sections = Parts of the record
page-home = Result
page-entries = Entries
page-checkpoints = Checkpoints

page-results = Results
page-stated = These numbers are as stated by the board. Check them yourself with evote-verify, and compare the digest of the manifest below with the one that was published elsewhere.
page-no-result = There is no result yet.
page-mismatch = The board has posted a result whose numbers do not add up. It is not shown here; the raw entries are.
page-unvouched = The newest checkpoint is not vouched for by enough witnesses. Do not rely on this page.
page-contest-caption = Votes for each choice. Ballots counted: { $ballots }
page-option = Choice
page-votes = Votes
page-share = Share of ballots
page-withheld = Ballots not counted here, because they are too few to be counted without showing a vote: { $ballots }
page-by-place = By place
page-by-place-caption = Votes by place
page-place = Place
page-ballots = Ballots

page-outcome-elected = Elected: { $names }
page-outcome-second-round = Second round between: { $names }
page-outcome-failed = The election has failed: “against all” has the most votes.
page-outcome-adopted = Adopted: { $names }
page-outcome-not-adopted = Not adopted
page-outcome-not-held = Not held: too few took part.
page-outcome-undecided = Undecided, equal votes: { $names }
page-trace = How this was decided
page-trace-leader = Most votes: { $left }. Next most: { $right }.
page-trace-majority = Twice the most votes: { $left }. Ballots: { $right }. The first must be larger.
page-trace-against-all = Votes against all: { $left }. Most votes of the others: { $right }.
page-trace-turnout = A hundred times the ballots: { $left }. The part of the voters that must take part, in the same units: { $right }. The first must be larger.

page-decisions = Decisions of the authorities
page-notice-suspend = Voting suspended
page-notice-resume = Voting resumed
page-notice-extend = Voting extended until { $time }
page-notice-incident = Incident
page-notice-annul = Election annulled
page-at-entry = entry { $index }

page-facts = About this election
page-election-id = Name of the election on the log
page-opens = Voting opens
page-closes = Voting closes by the schedule
page-size = Entries on the log
page-ballots-cast = Ballots on the log, replaced ones included
page-newest = Newest checkpoint
page-digest = Digest of the manifest (SHA-256)
page-raw = Raw files
page-raw-checkpoint = Newest checkpoint
page-raw-manifest = Manifest (entry 0)

page-entries-intro = Everything that was posted, in its order. Nothing is ever removed or changed. A page for each entry shows it as it was signed.
page-entries-caption = Entries { $first } to { $last } of { $count }
page-entry = Entry
page-type = Type
page-leaf-hash = Leaf hash
page-bytes = Bytes
page-bundle = Raw file of these entries
page-earlier = Earlier
page-later = Later
page-turning = More of the list

page-checkpoints-intro = A checkpoint fixes all entries up to a size. Witnesses who do not belong to the board sign it with the time; so nothing can be changed afterwards without being noticed.
page-checkpoints-caption = Checkpoints { $first } to { $last } of { $count }
page-checkpoint = No.
page-tree-size = Size
page-root = Root hash
page-cosigned = Cosigned
page-witness-at = { $witness }: { $time }
page-not-vouched = not vouched for

page-error = This page cannot be shown
page-error-unpublished = Nothing has been published yet. Try again in a minute.
page-error-missing = There is no such page.
page-error-damaged = The files of this record cannot be read. Check it with evote-verify.
page-footer = This page is made from the public record alone. It sets no cookies and loads nothing from elsewhere.
