### The letter that brings a voter the secret code. `evote/registrar/letter.typ` sets it.

letter-training = Training election
letter-training-note = This is an exercise. Votes cast here have no legal effect.
letter-real = Official election
letter-real-note = Votes cast here count.

letter-heading = Your letter for electronic voting
letter-greeting = Dear { $name },
letter-intro = You are on the list for electronic voting. From any computer or telephone you can vote with two things: the secret code in this letter, and a one-time code that is sent to your e-mail address when you vote.

letter-code = Your secret code
letter-qr = The same code
letter-qr-description = QR code with the secret code that is printed beside it

letter-how = How to vote
letter-step-open = Open the website.
letter-step-open-text = Its address is { $website }. Before you enter anything, compare the fingerprint of the election on the screen with the one in this letter. If they differ, stop and ask for help.
letter-step-identify = Show who you are.
letter-step-identify-text = Enter your personal number and the letter number, { $reference }. A one-time code comes to { $email }; type it in.
letter-step-code = Enter the secret code.
letter-step-code-text = Type it, or hold the QR code before the camera.
letter-step-mark = Mark your ballot.
letter-step-mark-text = Take your time. Before you cast it, you can have your device checked by a second one.
letter-step-cast = Press “Cast”.
letter-step-cast-text = Wait for the confirmation: only then is your ballot accepted. Until voting closes you may vote again, and the last ballot counts. If you vote on paper at a polling place, only the paper ballot counts.

letter-keep = Keep this letter to yourself
letter-keep-text = This letter alone cannot vote: the one-time code from your e-mail is needed as well. Nobody will ask you for the secret code by telephone, in a message or at your door. Do not tell it to anyone, not even to an election official.

letter-fingerprint = Fingerprint of the election
letter-place = Your polling place
letter-opens = Voting opens
letter-closes = Voting closes
letter-help = Help
letter-help-place = If the letter is lost, the code fails or something does not agree, ask at your polling place.
letter-help-contact = If the letter is lost, the code fails or something does not agree: { $contact }
letter-reference = Letter no. { $reference }
