"""What a bug report needs: facts about this machine, and what is wrong with them."""
