### Mails of the identity service: one-time codes, and a notice for every ballot.

mail-training = Training election: votes cast here have no legal effect.

mail-code-subject = One-time code for electronic voting
mail-code-body =
    Hello,

    your one-time code is

        { $code }

    Enter it on the page on which you asked for it. It holds for { $minutes } minutes and for one use.

    Nobody will ask you for this code by telephone or in a message. If you did not ask for it yourself, do
    nothing: without the secret code in your letter nobody can vote with it.

    { $title }

mail-notice-subject = Your ballot was accepted
mail-notice-body =
    Hello,

    a ballot cast with your codes was accepted. It is entry { $index } of the public list, and its tracking
    code is

        { $tracking }

    What you chose cannot be seen from it, neither by us nor by anyone else. Until voting closes you may vote
    again; the last ballot counts.

    If it was not you who voted, somebody has used your codes. Tell your polling place at once. You can vote
    there on paper, and then only the paper ballot counts.

    { $title }
